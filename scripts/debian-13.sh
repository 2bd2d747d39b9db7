# Sourced by ./run-tests: a Debian 13 tree, since its PostgreSQL 17 and its Sequoia (sq) are not in older releases. The tests
# run its programs by chroot and skip, with a message, where it is missing.
# shellcheck shell=bash

want_debian_13() {
    local cache=${BACTRIAN_CACHE:-$HOME/.cache/bactrian}
    [[ ! -d $cache/trixie ]] || return 0
    if ((EUID != 0)) || [[ -n ${BACTRIAN_NO_INSTALL:-} ]] || ! type -P apt-get >/dev/null; then
        say "tests against PostgreSQL 17 and Sequoia are skipped: their Debian 13 tree can be made only by root, on Debian"
        return 0
    fi
    need_program debootstrap "debootstrap debian-archive-keyring"
    mkdir -p "$cache"
    make_debian_13 "$cache" || say "tests against PostgreSQL 17 and Sequoia are skipped: debootstrap failed, see $cache/debootstrap.log"
}

# Under a temporary name until it is whole; the lock is held while one run makes it and others wait.
make_debian_13() (
    exec 9>"$1/.lock"
    flock 9
    [[ ! -d $1/trixie ]] || return 0
    tree=$(mktemp -d "$1/partial.XXXXXX")
    trap 'clear_tree "$tree"' EXIT
    chmod 755 "$tree"
    say "making a Debian 13 tree in $1/trixie; takes a minute or two"
    debootstrap --variant=minbase --include=postgresql-17,sq,gpg,zstd trixie "$tree" >"$1/debootstrap.log" 2>&1 9<&- \
        && mv "$tree" "$1/trixie"
)

# What a broken-off debootstrap leaves mounted must not be deleted through.
clear_tree() {
    umount "$1/proc" "$1/sys" 2>/dev/null || true
    rm -rf --one-file-system "$1"
}
