# Sourced: runs contenders, keeps one CSV line a run, prints medians.
# shellcheck shell=bash disable=SC2154 # $results is the folder for both, set by who sources this

# measure ROUND CONTENDER OUTPUT COMMAND…: wall seconds, CPU seconds of the client's processes, peak resident memory of the
# largest of them, size of OUTPUT (a file, a folder, or "-"). What the command prints goes to a log beside the CSV.
measure() {
    local round=$1 contender=$2 output=$3 bytes=0 figures
    local log="$results/${contender//[^a-z0-9]/-}-$round"
    shift 3
    psql -qc CHECKPOINT
    sync
    if ! /usr/bin/time -f '%e %U %S %M' -o "$log.time" "$@" >"$log.log" 2>&1; then
        tail -n 20 "$log.log" >&2
        fail "'$contender' failed" "its output is $log.log"
    fi
    [[ $output == - ]] || bytes=$(du -sb "$(newest "$output")" | cut -f1)
    read -r -a figures <"$log.time"
    awk -v OFS=, -v round="$round" -v contender="$contender" -v bytes="$bytes" -v figures="${figures[*]}" 'BEGIN {
        split(figures, f, " ")
        print round, contender, f[1], f[2] + f[3], f[4] / 1024, bytes / 1048576
    }' >>"$csv"
    rm "$log.time"
    printf '  round %s  %-34s %8.2f s\n' "$round" "$contender" "${figures[0]}"
}

# part ROUND CONTENDER PART SECONDS: what a part of a contender's run took, as a contender of its own.
part() {
    printf '%s,%s,%s,0,0,0\n' "$1" "$2: $3" "$4" >>"$csv"
    printf '  round %s    %-32s %8.2f s\n' "$1" "$3" "$4"
}

# step_seconds ROUND CONTENDER STEP: how long Bactrian's steps of that id took together, by its log at level debug.
step_seconds() {
    sed -n "s/.*\"step\":\"$3\".*\"duration\":\([0-9]*\).*/\1/p" "$results/${2//[^a-z0-9]/-}-$1.log" |
        awk '{ sum += $1 } END { printf "%.3f", sum / 1000 }'
}

# A backup repository holds a folder a backup, named by its time; any other output is one file.
newest() {
    if [[ -d $1 ]]; then
        find "$1" -mindepth 1 -maxdepth 1 -type d | sort | tail -n 1
    else
        printf '%s' "$1"
    fi
}

begin_table() {
    csv=$results/$1.csv
    echo 'round,contender,seconds,cpu_seconds,peak_mb,size_mb' >"$csv"
}

# median CONTENDER COLUMN
median() {
    awk -F, -v contender="$1" -v column="$2" '$2 == contender { print $column }' "$csv" | sort -g |
        awk '{ value[NR] = $1 } END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'
}

# print_table CONTENDER…: in that order; then how each compares with the first.
print_table() {
    local contender base
    base=$(median "$1" 3)
    printf '\n%-34s %9s %9s %9s %9s %9s\n' 'medians' 'seconds' 'CPU s' 'peak MB' 'size MB' 'ratio'
    for contender in "$@"; do
        printf '%-34s %9.2f %9.2f %9.0f %9.1f %9.2f\n' "$contender" "$(median "$contender" 3)" "$(median "$contender" 4)" \
            "$(median "$contender" 5)" "$(median "$contender" 6)" "$(ratio "$contender" "$base")"
    done
    printf '\n'
}

# ratio CONTENDER SECONDS
ratio() { awk -v seconds="$(median "$1" 3)" -v base="$2" 'BEGIN { print seconds / base }'; }

# compare CONTENDER OTHER GOAL
compare() {
    printf '%s: %.2f times the seconds of %s (%s)\n' "$1" "$(ratio "$1" "$(median "$2" 3)")" "$2" "$3"
}
