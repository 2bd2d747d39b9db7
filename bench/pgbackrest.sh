# Sourced: a repository of pgBackRest beside Bactrian's, with compression and encryption alike.
# shellcheck shell=bash disable=SC2154 # $cluster is set by start_cluster

# setup_pgbackrest FOLDER: a stanza "shop" for the cluster that runs.
setup_pgbackrest() {
    local pass
    pass=$(openssl rand -hex 24)
    export PGBACKREST_CONFIG=$1/pgbackrest.conf PGBACKREST_STANZA=shop
    mkdir -p "$1/pgbackrest" "$1/pgbackrest-spool" "$1/pgbackrest-lock"
    (umask 077 && cat >"$PGBACKREST_CONFIG") <<CONF
[global]
repo1-path=$1/pgbackrest
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=$pass
repo1-retention-full=99
compress-type=zst
compress-level=3
process-max=2
start-fast=y
spool-path=$1/pgbackrest-spool
lock-path=$1/pgbackrest-lock
log-path=$1
log-level-console=warn
log-level-file=off

[shop]
pg1-path=$cluster
pg1-socket-path=$PGHOST
pg1-port=$PGPORT
pg1-user=$PGUSER
CONF
    pgbackrest stanza-create
}

# push_each FOLDER: its segments, one after another, as an archive_command does.
push_each() {
    local segment
    for segment in "$1"/[0-9A-F]*; do
        pgbackrest archive-push "$segment"
    done
}

# push_async FOLDER: the same with archive-async, where the first call pushes all that are ready. It looks for those in pg_wal
# of a data directory, so the folder is made to look like one.
push_async() {
    local data=$1/data segment
    mkdir -p "$data/pg_wal/archive_status" "$data/global"
    cp "$cluster/global/pg_control" "$data/global"
    for segment in "$1"/[0-9A-F]*; do
        ln "$segment" "$data/pg_wal"
        : >"$data/pg_wal/archive_status/${segment##*/}.ready"
    done
    for segment in "$data"/pg_wal/[0-9A-F]*; do
        pgbackrest archive-push --archive-async --pg1-path="$data" "$segment"
        mv "$data/pg_wal/archive_status/${segment##*/}.ready" "$data/pg_wal/archive_status/${segment##*/}.done"
    done
}

# expire_pushed FOLDER: forgets them, so that the next contender pushes them again.
expire_pushed() {
    find "$1" "${PGBACKREST_CONFIG%/*}/pgbackrest/archive/shop" "${PGBACKREST_CONFIG%/*}/pgbackrest-spool" -mindepth 1 \
        \( -name '[0-9A-F]*-*.zst' -o -name '*.ok' \) -delete
    rm -rf "$1/data"
}

export cluster
export -f push_each push_async
