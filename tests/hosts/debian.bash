# Making small Debians from whatever mirror this machine's apt uses; sourced by the labs that need
# one (tests/hosts/lab, tests/vagrant/machines). No name of a mirror stands in here.

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

need_packages() { # PROGRAM:PACKAGE...: the Debian packages whose program is missing
    local -a missing=()
    local pair
    for pair in "$@"; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
    done
    ((${#missing[@]} == 0)) && return
    echo "$(basename "$0"): installing Debian packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o DPkg::Lock::Timeout=300 update </dev/null
    apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}" \
        </dev/null >/dev/null
}

debian_suite() { # 12 or 13: what Debian calls it
    case $1 in
        12) echo bookworm ;;
        13) echo trixie ;;
        *) die "Debian $1 is not one that the hosts are tested with: say 12 or 13." ;;
    esac
}

debian_sources() { # SUITE: sources.list lines of this machine's own mirror, for that suite
    local lines own
    # shellcheck disable=SC2016 # the names are apt's
    lines=$(apt-get indextargets \
        --format 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' | sort -u)
    [[ -n $lines ]] || die "apt knows no Debian mirror: run 'apt-get update', then repeat."
    own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # The suites of other Debians lie beside each other on one mirror.
    [[ -n $own && $lines == *" $own "* ]] || die "apt's mirror is none of Debian ${own:-stable}."
    sed -E "s/ $own(-[a-z]+)? / $1\1 /" <<<"$lines"
}

make_debian() { # SUITE PACKAGES OUT.tar WORK HOOK...: a root file system with these packages
    local suite=$1 packages=$2 out=$3 work=$4 hook
    shift 4
    local -a hooks=()
    for hook in "$@"; do hooks+=("--customize-hook=$hook"); done
    mkdir -p "$work/tmp"
    debian_sources "$suite" >"$work/sources"
    TMPDIR=$work/tmp nice -n 10 mmdebstrap --quiet --variant=minbase --mode=root \
        --dpkgopt=force-unsafe-io --skip=check/empty \
        --aptopt='Acquire::Check-Valid-Until "false"' --include="$packages" "${hooks[@]}" \
        "$suite" "$out" - <"$work/sources" >"$work/log" 2>&1 ||
        die "mmdebstrap failed: $(tail -5 "$work/log")"
}

repository_hook() { # DIRECTORY PACKAGE...: a hook that fetches these and what they need to there
    local directory=$1
    shift
    # shellcheck disable=SC2016 # expanded by mmdebstrap
    echo 'rm -f "$1"/var/cache/apt/archives/*.deb
        APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -y -qq --no-install-recommends --download-only install '"$*"'
        mv "$1"/var/cache/apt/archives/*.deb '"$directory"/
}

index_repository() { # DIRECTORY
    (cd "$1" && apt-ftparchive packages . >Packages && apt-ftparchive release . >Release)
}
