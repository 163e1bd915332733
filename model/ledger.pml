/* How terms, promises, adopts, appends, commits and a replacement work: a model for `spin`.
 *
 * Written from the decisions D1 and D7 in ARCHITECTURE.md and not from the Python code, so that a
 * mistake in the one is not repeated in the other. README.md beside this file says what is modelled,
 * what is not, and how to read a counterexample. `make model` checks it.
 *
 * Bounds and mutants are -D switches:
 *     TERMS, ENTRIES         how many terms may be taken, and how long a log may get
 *     REPLACE                upstream 2 may be replaced by upstream 3, once in a log
 *     NO_POWER_CUTS          what is written is on disk at once: fewer states for larger bounds
 *     MUTANT=name            plants one mistake; every one must be found (list: mutants below)
 *
 * Messages are not kept in channels. What a coordinator once decided, and what an upstream once
 * answered, stays true for ever, so a message may arrive at any later moment, twice, or never: that
 * is loss, delay, doubling and reordering at once. A coordinator may stop for good between any two
 * steps. Any upstream may lose its power at any moment, any number of times, alone or with all.
 */

#ifndef TERMS
#define TERMS 3
#endif
#ifndef ENTRIES
#define ENTRIES 1
#endif
#if TERMS > 7 || ENTRIES > 2
#error "more than this does not fit some of the expressions below"
#endif

/* --- mutants --- */
#define NONE             0
#define ACK_EARLY        1  /* an ack leaves before its entry is durable */
#define PROMISE_EARLY    2  /* a promise leaves before it is durable */
#define QUORUM_OF_ONE    3  /* one ack commits */
#define OLD_TERM_COMMIT  4  /* an ack of an older term counts for the same entry (Raft's figure 8) */
#define CHUNKED_ADOPT    5  /* the adopted term becomes durable with the first chunk of the log */
#define TERM_TWICE       6  /* a restarted coordinator goes on under its old term */
#define LONGEST_LOG      7  /* the longest log is chosen, whatever term it was adopted in */
#define NO_FENCE         8  /* an upstream still takes appends of the term it adopted last */
#define OLD_SET          9  /* after the replacement the old three are still counted */
#define NEW_SET_EARLY   10  /* the new three are counted before the replacement is proven */
#define OLD_SET_CHOOSES 11  /* a log with an unproven replacement is chosen by any two promises */
#define SHOW_X_VOTES    12  /* no mistake: shows that X and one other do get to choose a log */
#ifndef MUTANT
#define MUTANT NONE
#endif

#ifdef REPLACE
#define HOSTS 4
#else
#define HOSTS 3
#endif
#define X 3  /* the new upstream, which takes the place of upstream 2 */

/* An entry is named by the coordinator that made it: 0 for none, more than TERMS if it is the
 * entry "X replaces 2". A coordinator makes at most one entry for an index. */
#define IS_C(entry) ((entry) > TERMS)

/* Coordinator c acts in term c: no two share one, except where that is the mistake. */
#if MUTANT == TERM_TWICE
#define TERM_OF(c) ((c) == 2 -> 1 : (c))
#else
#define TERM_OF(c) (c)
#endif

typedef Upstream {
    byte promised;
    byte adopted;
    bool proof;          /* knows that the replacement was stored by both 0 and 1 */
    byte log[ENTRIES]
};
Upstream memory[HOSTS];
Upstream disk[HOSTS];

typedef Answers {        /* what upstreams said in one term */
    byte promise[HOSTS]; /* 0: nothing yet; else 1 + rank of the log, doubled, + 1 if with proof */
    byte acked[HOSTS]    /* 0: nothing yet; else 1 + length of the log that is durable */
};
Answers said[TERMS + 1];

typedef Coordinator {
    bool chosen;
    bool proof;
    byte base;           /* how long the chosen log was */
    byte told;           /* 0: nothing committed yet; else 1 + entries that clients were told of */
    byte log[ENTRIES]
};
Coordinator coord[TERMS + 1];

/* Scratch for one step, never part of the state. */
hidden byte i, j, k, h, best, count;
hidden byte ok, has_c, proven;
hidden int key, other;

/* into = number of entries of a log */
inline length(it, into) {
    into = 0;
    do
    :: into < ENTRIES && it.log[into] != 0 -> into++
    :: else -> break
    od
}

/* has_c = whether the log holds the entry "X replaces 2" */
inline look_for_c(it) {
    has_c = false;
    for (i : 0 .. ENTRIES - 1) { has_c = has_c || IS_C(it.log[i]) }
}

inline copy(from, into) {
    into.promised = from.promised;
    into.adopted = from.adopted;
    into.proof = from.proof;
    for (i : 0 .. ENTRIES - 1) { into.log[i] = from.log[i] }
}

/* --- symmetry --- */

/* Nothing in the rules tells one old upstream from another (with REPLACE: 0 from 1), so after each
 * step they are put in order, and states that differ in names only are one. -DREADABLE leaves them
 * where they are. A wrong order here would hide no error of the rules: to exchange two upstreams with
 * all that belongs to them is always allowed. */

#define KEY(r) ((((((memory[r].promised * 8 + memory[r].adopted) * 8 + disk[r].promised) * 8 + \
    disk[r].adopted) * 16 + memory[r].log[0]) * 16 + disk[r].log[0]) * 16 + \
    memory[r].log[ENTRIES - 1]) * 16 + disk[r].log[ENTRIES - 1]

#define SWAP(one, two) j = one; one = two; two = j

inline exchange(a, b) {
    SWAP(memory[a].promised, memory[b].promised);
    SWAP(memory[a].adopted, memory[b].adopted);
    SWAP(memory[a].proof, memory[b].proof);
    SWAP(disk[a].promised, disk[b].promised);
    SWAP(disk[a].adopted, disk[b].adopted);
    SWAP(disk[a].proof, disk[b].proof);
    for (i : 0 .. ENTRIES - 1) {
        SWAP(memory[a].log[i], memory[b].log[i]);
        SWAP(disk[a].log[i], disk[b].log[i])
    }
    for (i : 1 .. TERMS) {
        SWAP(said[i].promise[a], said[i].promise[b]);
        SWAP(said[i].acked[a], said[i].acked[b])
    }
}

/* Puts two upstreams in order: by what they hold, then by what they said. */
inline in_order(a, b) {
    key = KEY(a);
    other = KEY(b);
    for (i : 1 .. TERMS) {
        if
        :: key == other ->
            key = key + said[i].promise[a] * 256 + said[i].acked[a];
            other = other + said[i].promise[b] * 256 + said[i].acked[b]
        :: else
        fi
    }
    if
    :: key > other -> exchange(a, b)
    :: else
    fi
}

inline tidy() {
#ifdef NO_POWER_CUTS
    at_once(0); at_once(1); at_once(2);
#ifdef REPLACE
    at_once(X);
#endif
    forget_the_late();
#endif
#ifndef READABLE
    in_order(0, 1);
#ifndef REPLACE
    in_order(1, 2);
    in_order(0, 1);
#endif
#endif
    i = 0
}

/* --- what an upstream says --- */

inline say_promise(r, from) {
    if
    :: from.promised > 0 && from.adopted < from.promised &&
            said[from.promised].promise[r] == 0 && !coord[from.promised].chosen ->
        length(from, j);
#if MUTANT == LONGEST_LOG
        said[from.promised].promise[r] = 2 * (1 + j) + from.proof;
#else
        said[from.promised].promise[r] = 2 * (1 + from.adopted * (ENTRIES + 1) + j) + from.proof;
#endif
    :: else
    fi
}

inline say_ack(r, from) {
    if
    :: from.adopted > 0 ->
        length(from, j);
        if
        :: said[from.adopted].acked[r] < 1 + j -> said[from.adopted].acked[r] = 1 + j
        :: else
        fi
    :: else
    fi
}

/* Whether anything can still become of a term: some upstream may promise it, or has just done so. */
#ifdef REPLACE
#define LIVES(c) (disk[0].promised <= TERM_OF(c) || disk[1].promised <= TERM_OF(c) || \
    disk[2].promised <= TERM_OF(c) || disk[X].promised <= TERM_OF(c))
#else
#define LIVES(c) (disk[0].promised <= TERM_OF(c) || disk[1].promised <= TERM_OF(c) || \
    disk[2].promised <= TERM_OF(c))
#endif

/* Promises that nobody can make use of any more need not tell states apart. */
inline forget_the_late() {
    for (k : 1 .. TERMS) {
        if
        :: !coord[k].chosen && !LIVES(k) ->
            for (i : 0 .. HOSTS - 1) { said[k].promise[i] = 0 }
        :: else
        fi
    }
}

#define CHANGED(r) (memory[r].promised != disk[r].promised || memory[r].adopted != disk[r].adopted || \
    memory[r].proof != disk[r].proof || memory[r].log[0] != disk[r].log[0] || \
    memory[r].log[ENTRIES - 1] != disk[r].log[ENTRIES - 1])

/* Without power cuts a late sync is nothing but a late answer, and answers may be late anyway. */
inline at_once(r) {
    if
    :: CHANGED(r) ->
        copy(memory[r], disk[r]);
        say_promise(r, disk[r]);
        say_ack(r, disk[r])
    :: else
    fi
}

proctype upstream(byte r) {
    do
    :: d_step { CHANGED(r) ->       /* what waited for the disk is durable: answers leave */
            printf("upstream %d: all is on disk, answers leave\n", r);
            copy(memory[r], disk[r]);
            say_promise(r, disk[r]);
            say_ack(r, disk[r]);
            forget_the_late();
            tidy()
        }
    :: d_step { CHANGED(r) ->       /* power cut: what was not durable is gone */
            printf("upstream %d: power cut\n", r);
            copy(disk[r], memory[r]);
            tidy()
        }
    od
}

/* --- prepare --- */

#if MUTANT == PROMISE_EARLY
#define PROMISE_LEAVES(r) say_promise(r, memory[r])
#define PROMISED(c, r) (memory[r].promised == TERM_OF(c))
#else
#define PROMISE_LEAVES(r) skip
#define PROMISED(c, r) (memory[r].promised == TERM_OF(c) && disk[r].promised == TERM_OF(c))
#endif

#ifdef REPLACE
#define MAY_PROMISE(r) ((r) != X || memory[r].proof)
#else
#define MAY_PROMISE(r) true
#endif

#define PREPARE(c, r) \
    :: d_step { memory[r].promised < TERM_OF(c) && MAY_PROMISE(r) -> \
            printf("upstream %d: promises term %d\n", r, TERM_OF(c)); \
            memory[r].promised = TERM_OF(c); PROMISE_LEAVES(r); tidy() }

/* --- choose, once, among the promises of a set of upstreams (a set is a number, one bit each) --- */

#define GAVE(c, r, set) (((set) & (1 << (r))) == 0 || said[TERM_OF(c)].promise[r] != 0)
#ifdef REPLACE
#define ALL_GAVE(c, set) (GAVE(c, 0, set) && GAVE(c, 1, set) && GAVE(c, 2, set) && GAVE(c, X, set))
#else
#define ALL_GAVE(c, set) (GAVE(c, 0, set) && GAVE(c, 1, set) && GAVE(c, 2, set))
#endif

/* Which promises suffice, once it is known whether one of them came with the proof, and whether the
 * best log among them holds the replacement: two of 0, 1, 2; or both of 0, 1; or two of 0, 1, X. */
#define OLD_TWO(set)  (((set) & 8) == 0)
#define BOTH(set)     (((set) & 8) == 0 && ((set) & 3) == 3)
#define NEW_TWO(set)  (((set) & 4) == 0)
#if MUTANT == OLD_SET_CHOOSES
#define SUFFICE(set, proven, has_c) (proven -> NEW_TWO(set) : OLD_TWO(set))
#elif MUTANT == NEW_SET_EARLY
#define SUFFICE(set, proven, has_c) (has_c -> NEW_TWO(set) : OLD_TWO(set))
#else
#define SUFFICE(set, proven, has_c) \
    (proven -> NEW_TWO(set) : (has_c -> BOTH(set) : OLD_TWO(set)))
#endif

inline choose(c, set) {
    best = 0; h = 0; proven = false;
    for (i : 0 .. HOSTS - 1) {
        if
        :: (set) & (1 << i) ->
            proven = proven || (said[TERM_OF(c)].promise[i] & 1);
            if
            :: said[TERM_OF(c)].promise[i] / 2 > best ->
                best = said[TERM_OF(c)].promise[i] / 2;
                h = i
            :: else
            fi
        :: else
        fi
    }
    look_for_c(memory[h]);
    /* The log is read from its holder under this term, so that one must still be promised to it. */
    if
    :: memory[h].promised == TERM_OF(c) && SUFFICE(set, proven, has_c) ->
        coord[c].chosen = true;
        coord[c].proof = proven;
        for (i : 0 .. ENTRIES - 1) { coord[c].log[i] = memory[h].log[i] }
        length(coord[c], j);
        coord[c].base = j;
        printf("coordinator %d: chooses the log of upstream %d, length %d\n", c, h, j);
#if MUTANT != TERM_TWICE
        for (i : 0 .. HOSTS - 1) { said[c].promise[i] = 0 } /* not needed any more */
#endif
#if MUTANT == SHOW_X_VOTES
        assert((set) != 9 && (set) != 10);
#endif
        claims_when_chosen(c)
    :: else
    fi
}

#define CHOOSE(c, set) :: d_step { !coord[c].chosen && ALL_GAVE(c, set) -> choose(c, set); tidy() }

/* --- adopt, append --- */

#if MUTANT == ACK_EARLY
#define ACK_LEAVES(r) say_ack(r, memory[r])
#else
#define ACK_LEAVES(r) skip
#endif

inline adopt(c, r, upto) {
    printf("upstream %d: adopts term %d, length %d\n", r, TERM_OF(c), upto);
    memory[r].adopted = TERM_OF(c);
    for (i : 0 .. ENTRIES - 1) {
        memory[r].log[i] = (i < (upto) -> coord[c].log[i] : 0)
    }
    ACK_LEAVES(r)
}

/* What was added since the choice comes by appends; all of it may share one sync. */
#if MUTANT == CHUNKED_ADOPT
#define ADOPT(c, r) \
    :: d_step { coord[c].chosen && PROMISED(c, r) && memory[r].adopted < TERM_OF(c) -> \
            adopt(c, r, 0); tidy() }
#else
#define ADOPT(c, r) \
    :: d_step { coord[c].chosen && PROMISED(c, r) && memory[r].adopted < TERM_OF(c) -> \
            adopt(c, r, coord[c].base); tidy() }
#endif

#if MUTANT == NO_FENCE
#define TAKES(c, r) (memory[r].adopted == TERM_OF(c))
#else
#define TAKES(c, r) (memory[r].adopted == TERM_OF(c) && memory[r].promised == TERM_OF(c))
#endif

inline append(c, r) {
    length(memory[r], j);
    if
    :: j < ENTRIES ->
        printf("upstream %d: appends entry %d at %d\n", r, coord[c].log[j], j + 1);
        memory[r].log[j] = coord[c].log[j];
        ACK_LEAVES(r)
    :: else
    fi
}

#define APPEND(c, r) \
    :: d_step { coord[c].chosen && TAKES(c, r) && memory[r].log[ENTRIES - 1] == 0 -> \
            append(c, r); tidy() }

/* --- commit --- */

/* ok = whether upstream r said in this term that it has so many entries durably */
inline has_acked(c, r, upto) {
    ok = said[TERM_OF(c)].acked[r] >= 1 + (upto);
#if MUTANT == OLD_TERM_COMMIT
    if
    :: (upto) > 0 ->
        for (i : 1 .. TERMS) {
            ok = ok || (i < c && said[i].acked[r] >= 1 + (upto) && disk[r].adopted == i &&
                disk[r].log[(upto) - 1] == coord[c].log[(upto) - 1])
        }
    :: else
    fi
#endif
}

/* Whether upstream r is among those of which two commit. Before the proof 2 does not count any more
 * and X does not count yet, so that both of 0 and 1 are needed. */
#if MUTANT == OLD_SET
#define COUNTS(c, r) ((r) < 2 || (r) == 2 && (!has_c || coord[c].proof))
#elif MUTANT == NEW_SET_EARLY
#define COUNTS(c, r) ((r) < 2 || (r) == 2 && !has_c || (r) == X && has_c)
#else
#define COUNTS(c, r) ((r) < 2 || (r) == 2 && !has_c || (r) == X && has_c && coord[c].proof)
#endif

#if MUTANT == QUORUM_OF_ONE
#define QUORUM 1
#else
#define QUORUM 2
#endif

/* What is stored by those that count, in this term, is committed, and its clients are told. */
inline commit(c) {
    look_for_c(coord[c]);
    length(coord[c], j);
    do /* the most that a quorum has: k entries, or one less than the chosen log if none has it */
    :: j < coord[c].base -> break
    :: else ->
        count = 0;
        for (h : 0 .. HOSTS - 1) {
            has_acked(c, h, j);
            if
            :: ok && COUNTS(c, h) -> count++
            :: else
            fi
        }
        if
        :: count >= QUORUM -> break
        :: j == 0 -> j = 255; break
        :: else -> j--
        fi
    od;
    if
    :: j != 255 && j >= coord[c].base && coord[c].told < 1 + j ->
        printf("coordinator %d: committed %d entries\n", c, j);
        coord[c].told = 1 + j;
        for (i : 0 .. ENTRIES - 1) {
            /* Both of 0 and 1 stored the replacement in this term: that is the proof. */
            if
            :: i < j && IS_C(coord[c].log[i]) -> coord[c].proof = true
            :: else
            fi
        }
        claims_when_told(c)
    :: else
    fi
}

/* --- the claims (ARCHITECTURE.md, "What must always hold", 1) --- */

#define TOLD(c) (coord[c].told == 0 -> 0 : coord[c].told - 1)

/* The logs of two coordinators agree on the first `count` entries. */
inline agree(c, later) {
    for (i : 0 .. ENTRIES - 1) {
        assert(i >= count || coord[c].log[i] == coord[later].log[i])
    }
}

inline claims_when_chosen(c) {
    assert(!proven || has_c);
    for (k : 1 .. TERMS) {
        /* One coordinator per term. */
        assert(k == c || !coord[k].chosen || TERM_OF(k) != TERM_OF(c));
        /* What a client was told is in every later chosen log. */
        count = (k < c -> TOLD(k) : 0);
        agree(c, k)
    }
}

inline claims_when_told(c) {
    for (k : 1 .. TERMS) {
        if
        :: k > c && coord[k].chosen ->  /* the same, if the later choice came first */
            count = TOLD(c)
        :: else ->                      /* no two committed entries differ */
            count = (TOLD(c) < TOLD(k) -> TOLD(c) : TOLD(k))
        fi;
        agree(c, k)
    }
}

/* --- a coordinator makes an entry --- */

/* One batch at a time: the next entry is made when all before it were committed in this term. */
inline make(by, entry) {
    length(coord[by], j);
    if
    :: j < ENTRIES && coord[by].told == 1 + j ->
        printf("coordinator %d: makes entry %d\n", by, entry);
        coord[by].log[j] = entry
    :: else
    fi
}

#define MAY_MAKE(c) (LIVES(c) && coord[c].told > 0 && coord[c].log[ENTRIES - 1] == 0)

#define FEED(c, r) PREPARE(c, r) ADOPT(c, r) APPEND(c, r)

#if MUTANT == NEW_SET_EARLY
#define MAY_JOIN(c) true
#else
#define MAY_JOIN(c) (coord[c].proof)
#endif

/* X gets the log with the replacement in it and the proof of it, all durable at once. */
inline join(c) {
    k = 0;
    for (i : 0 .. ENTRIES - 1) {
        if
        :: IS_C(coord[c].log[i]) -> k = i + 1
        :: else
        fi
    }
    if
    :: k > 0 ->
        k = (k > coord[c].base -> k : coord[c].base);
        printf("upstream X: joins term %d\n", TERM_OF(c));
        memory[X].promised = TERM_OF(c);
        memory[X].proof = true;
        adopt(c, X, k)
    :: else
    fi
}

/* The proof rides on the next message; an upstream keeps it once its log holds the replacement. */
inline tell_proof(c, r) {
    look_for_c(memory[r]);
    if
    :: has_c -> memory[r].proof = true
    :: else
    fi
}

proctype coordinator(byte c) {
    do
    FEED(c, 0)
    FEED(c, 1)
    FEED(c, 2)
    CHOOSE(c, 3)
    CHOOSE(c, 5)
    CHOOSE(c, 6)
    CHOOSE(c, 7)
    :: d_step { coord[c].chosen && coord[c].told <= ENTRIES -> commit(c); tidy() }
    :: d_step { MAY_MAKE(c) -> make(c, c); tidy() }
#ifdef REPLACE
    FEED(c, X)
    CHOOSE(c, 9)
    CHOOSE(c, 10)
    CHOOSE(c, 11)
    :: d_step { MAY_MAKE(c) -> look_for_c(coord[c]);
            if
            :: !has_c -> make(c, c + TERMS)
            :: else
            fi;
            tidy()
        }
    :: d_step { coord[c].chosen && memory[X].promised == 0 && MAY_JOIN(c) -> join(c); tidy() }
    :: d_step { coord[c].proof && TAKES(c, 0) && !memory[0].proof -> tell_proof(c, 0); tidy() }
    :: d_step { coord[c].proof && TAKES(c, 1) && !memory[1].proof -> tell_proof(c, 1); tidy() }
#endif
    od
}

init {
    atomic {
        for (i : 0 .. HOSTS - 1) { run upstream(i) };
        for (i : 1 .. TERMS) { run coordinator(i) };
        i = 0
    }
}
