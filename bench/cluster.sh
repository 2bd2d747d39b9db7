# Sourced: a throw-away PostgreSQL cluster on a socket of its own. As root its programs run as the account postgres.
# shellcheck shell=bash

# start_cluster FOLDER [SETTING…]: sets PGHOST, PGUSER and PGPORT; stop_cluster ends it. A setting is a line of postgresql.conf.
start_cluster() {
    cluster=$1/cluster
    sockets=$(mktemp -d /tmp/bactrian-bench.XXXXXX) # a socket's path has at most 107 bytes
    mkdir "$cluster"
    if ((EUID == 0)); then
        chown postgres "$cluster" "$sockets"
        as_server test -w "$cluster" || fail "the account postgres cannot reach $cluster" "name another folder with --folder"
    fi
    as_server initdb --pgdata="$cluster" --username=bench --auth=trust --encoding=UTF8 --locale=C.UTF-8 >"$1/initdb.log"
    # Durable like a real server; without autovacuum, which would work during one measurement and not during another.
    cat >>"$cluster/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$sockets'
shared_buffers = 512MB
max_wal_size = 8GB
autovacuum = off
CONF
    printf '%s\n' "${@:2}" >>"$cluster/postgresql.conf"
    as_server pg_ctl --pgdata="$cluster" --log="$cluster/server.log" --wait --silent start
    export PGHOST=$sockets PGUSER=bench PGPORT=5432
}

stop_cluster() {
    [[ -n ${cluster:-} ]] || return 0
    as_server pg_ctl --pgdata="$cluster" --mode=immediate --silent stop || true
    rm -rf "$cluster" "$sockets"
}

as_server() {
    if ((EUID == 0)); then
        (cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$(type -P "$1")" "${@:2}")
    else
        "$@"
    fi
}
