package io.bactrian.pipeline;

import io.bactrian.Failure;
import io.bactrian.repository.BackupId;
import io.bactrian.repository.Layout;
import io.bactrian.repository.Manifest;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/** The {@code find} step: from a listing of the store, chooses the one backup that is meant. */
public final class FindBackup {
    private static final Pattern ID_OR_PREFIX = Pattern.compile("full_[0-9TZ-]*");
    private static final int SHOWN = 3;

    /** The body is the listing; only what has a manifest exists. */
    public void choose(Exchange exchange) {
        List<?> listing = exchange.getMessage().getBody(List.class);
        TreeSet<BackupId> whole = new TreeSet<>();
        for (Object path : listing) {
            String[] segments = path.toString().split("/");
            if (segments.length == 3 && segments[2].equals(Manifest.FILE_NAME)) {
                BackupId.parse(segments[1]).filter(BackupId::isFull).ifPresent(whole::add);
            }
        }
        Reading reading = wanted(exchange);
        BackupId id = theOne(reading.wanted(), whole);
        String folder = Layout.full(id);
        String signature = folder + "/" + Manifest.SIGNATURE_NAME;
        reading.chosen(id, folder, listing.contains(signature) ? Manifest.SIGNATURE_NAME : Manifest.DIGEST_NAME)
                .on(exchange);
    }

    /** After a full backup: that one. */
    private static Reading wanted(Exchange exchange) {
        Reading asked = Reading.of(exchange);
        return asked == null ? Reading.of(Backup.of(exchange).id().text(), Reading.READ) : asked;
    }

    private static BackupId theOne(String wanted, TreeSet<BackupId> whole) {
        if (!wanted.equals("latest") && !ID_OR_PREFIX.matcher(wanted).matches()) {
            throw Failure.usage(
                    "that is not the id of a backup",
                    "An id looks like full_2025-01-01T02-00-00-000Z; `bactrian status` lists them; `latest` is the newest.");
        }
        if (whole.isEmpty()) {
            throw Failure.precondition(
                    "there is no backup here", "Make one with `bactrian full`, or check BACKUP_DIR.");
        }
        if (wanted.equals("latest")) {
            return whole.last();
        }
        List<BackupId> matches =
                whole.stream().filter(id -> id.text().startsWith(wanted)).toList();
        if (matches.isEmpty()) {
            throw Failure.precondition(
                    "there is no backup " + wanted,
                    "`bactrian status` lists them; the newest is " + whole.last() + ".");
        }
        if (matches.size() > 1) {
            throw Failure.usage(
                    wanted + " is the beginning of " + matches.size() + " backups: "
                            + matches.subList(0, Math.min(SHOWN, matches.size()))
                            + (matches.size() > SHOWN ? " …" : ""),
                    "Give more of the id.");
        }
        return matches.get(0);
    }
}
