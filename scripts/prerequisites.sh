# Sourced by ./bactrian, ./run-tests and bench/: finds the programs they need, and on Debian and Ubuntu installs those that
# are missing. Nothing is installed when what is needed exists, whatever its origin, nor when BACTRIAN_NO_INSTALL is set.
# shellcheck shell=bash disable=SC2034 # sets variables for those who source it

say() { printf '%s\n' "bactrian: $*" >&2; }

# fail MESSAGE HINT: ends with exit code 3, a precondition is missing.
fail() {
    printf 'Error: %s\nHint: %s\n' "$1" "$2" >&2
    exit 3
}

# find_java PROGRAM: sets java_home to a Java of at least 17 that has bin/PROGRAM (java or javac), JAVA_HOME's first, and
# java_version to its major version.
find_java() {
    local candidate on_path=''
    ! hash "$1" 2>/dev/null || on_path=$(readlink -f "${BASH_CMDS[$1]}")
    for candidate in "${JAVA_HOME:-}" "${on_path%/bin/*}" /usr/lib/jvm/*; do
        [[ -x $candidate/bin/$1 ]] || continue
        read_java_version "$candidate"
        if ((java_version >= 17)); then
            java_home=$candidate
            return 0
        fi
    done
    return 1
}

# Reads the file that every JDK carries: starting java to ask would cost each command some 50 ms.
read_java_version() {
    local line
    java_version=0
    [[ -r $1/release ]] || return 0
    while read -r line; do
        if [[ $line =~ ^JAVA_VERSION=\"([0-9]+) ]]; then
            java_version=${BASH_REMATCH[1]}
        fi
    done <"$1/release"
}

# need_jdk: a JDK, since a JRE cannot build.
need_jdk() {
    find_java javac && return
    install_packages "$(java_package jdk-headless)" "a JDK, 17 or newer"
    find_java javac || fail "no JDK of version 17 or newer was found" "install one and set JAVA_HOME to it"
}

# need_java: enough to run what is built.
need_java() {
    find_java java && return
    install_packages "$(java_package jre-headless)" "Java, 17 or newer"
    find_java java || fail "no Java of version 17 or newer was found" "install one and set JAVA_HOME to it"
}

# java_package KIND: the first of the long-term releases since 17 that this distribution has.
java_package() {
    local release
    if may_install && ! apt-cache show "openjdk-[0-9]*-$1" >/dev/null 2>&1; then
        as_root apt-get update >/dev/null 2>&1 || true
    fi
    for release in 17 21 25; do
        if apt-cache show "openjdk-$release-$1" >/dev/null 2>&1; then
            printf '%s' "openjdk-$release-$1"
            return
        fi
    done
    printf '%s' "openjdk-17-$1"
}

# postgres_program NAME: whether a PostgreSQL program can be found, on PATH or where Debian keeps it.
postgres_program() {
    local folder
    for folder in "${BACKUP_PG_BIN_DIR:-/nonexistent}" /usr/lib/postgresql/*/bin; do
        [[ -x $folder/$1 ]] && return 0
    done
    type -P "$1" >/dev/null
}

need_postgres_client() {
    postgres_program pg_dump || install_packages postgresql-client "PostgreSQL's client programs"
}

# The distribution would start a cluster of its own with the package; nobody asked for a server on this machine.
need_postgres_server() {
    postgres_program initdb && return
    local setting=/etc/postgresql-common/createcluster.d/bactrian.conf
    if [[ ! -e /etc/postgresql-common/createcluster.conf ]] && may_install; then
        as_root mkdir -p "${setting%/*}"
        as_root sh -c "echo 'create_main_cluster = false' >$setting"
    fi
    install_packages postgresql "a PostgreSQL server, for a throw-away cluster"
    as_root rm -f "$setting"
}

# need_program PROGRAM PACKAGE
need_program() {
    type -P "$1" >/dev/null || [[ -x /usr/sbin/$1 ]] || install_packages "$2" "$1"
}

as_root() { if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi; }

may_install() {
    [[ -z ${BACTRIAN_NO_INSTALL:-} ]] && type -P apt-get >/dev/null && as_root true 2>/dev/null
}

# install_packages "PACKAGE…" WHAT
install_packages() {
    local packages log
    read -ra packages <<<"$1"
    if ! may_install; then
        fail "$2 is missing, and may not be installed from here" \
            "as root: apt-get update && apt-get install ${packages[*]}   (or your system's packages of that kind)"
    fi
    say "installing ${packages[*]} ($2)"
    log=$(mktemp)
    apt_install "${packages[@]}" >"$log" 2>&1 || {
        as_root apt-get update >>"$log" 2>&1
        apt_install "${packages[@]}" >>"$log" 2>&1
    } || {
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "apt-get could not install ${packages[*]}" "as root: apt-get update && apt-get install ${packages[*]}"
    }
    rm -f "$log"
    hash -r
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}
