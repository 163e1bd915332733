"""Why a container's key cannot be used, and what to do (docs/containers.md)."""

from __future__ import annotations

from typing import Final

_WRONG_PIN: Final = "The PIN for the token {label} with serial number {serial} is wrong"
_TOKEN: Final = "The token {label} with serial number {serial}"

KEYS: Final[dict[str, str]] = {
    "tpm-other": "This host's TPM is not the one that sealed the container's key, or its owner"
    " hierarchy was cleared since: on this host the container does not open",
    "tpm-tools-missing": "The TPM cannot be used: the package tpm2-tools is missing; install it",
    "tpm-silent": "The TPM does not answer ({said})",
    "tpm-refuses": "The TPM cannot be used (tpm2 {verb}: {said}): see that there is one, and that"
    " this service may open it",
    "token-does-not-sign": f"{_TOKEN} does not sign ({{said}}): it was unplugged, or has failed."
    " Plug it in again",
    "token-module-unnamed": "Name the token's PKCS#11 module: it comes with the token's driver",
    "token-without-ed25519": "The token {label} does not know Ed25519 (CKM_EDDSA), which all"
    " containers sign with: take another token",
    "token-key-gone": f"{_TOKEN} holds this container's key no more: it was initialised anew",
    "token-key-other": f"{_TOKEN} holds another key than this container's",
    "token-missing": f"{_TOKEN} is not there: plug it in",
    "token-none-of-label": "A token labelled {label} is not there: plug it in",
    "token-label-twice": "There are {count} tokens labelled {label}; give each a label of its own",
    "token-serial-twice": "There are {count} tokens with serial number {serial}; unplug all but"
    " this container's",
    "token-locked": f"{_TOKEN} is locked, since wrong PINs were tried: unlock it by its maker's"
    " tool",
    "token-last-try": f"{_TOKEN} has one try left before it locks itself, and that is not for a"
    " program to take: log in to it once by its maker's tool",
    "token-pin-known-wrong": f"{_WRONG_PIN}, and is not tried again, since the token would lock"
    " itself: write the right one into the PIN's file",
    "token-pin-wrong": f"{_WRONG_PIN}: write the right one into the PIN's file. This one is not"
    " tried again",
    "token-pin-unnamed": "There is no PIN for the token: name the file that holds it (pin_file)",
    "token-pin-unreadable": "The token's PIN cannot be read from {path}",
    "token-unusable": "The token {label} cannot be used ({said}): plug it in, and see that its"
    " module and its reader work",
    "host-other": "Container {serial} is bound to another host ({binding}): not as it was are"
    " {other}; {weight} of {total} points fit and {needed} are needed. Put back what was changed"
    " (`tmr container explain` names it); or, if this host is to go on, make a new container on it"
    " and ask the vendor to reissue this one's licences to it",
    "host-shows-too-little": "This host shows too little of itself to be known again (only:"
    " {shown}); it takes more than machine id and CPU model. Make the main board readable, or"
    " choose another binding",
}
