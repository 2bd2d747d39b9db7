package io.bactrian.config;

import io.bactrian.Failure;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The buckets that BACKUP_S3_BUCKET and BACKUP_S3_REPLICAS name. A replica is {@code name=s3://bucket/prefix?region=…&endpoint=…}; what it
 * does not say is as BACKUP_S3_… says for the first bucket, save for region and endpoint.
 */
public final class S3Settings {
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern PREFIX =
            Pattern.compile("([A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*)?");
    private static final Pattern REPLICA = Pattern.compile("([^=]+)=s3://([^/?]+)/?([^?]*)(?:\\?(.*))?");
    private static final Pattern LOCK = Pattern.compile("(governance|compliance):(.+)");
    private static final Set<String> OPTIONS =
            Set.of("region", "endpoint", "path-style", "storage-class", "sse", "object-lock", "delete-profile");

    private S3Settings() {}

    public static List<S3Bucket> buckets(Settings settings) {
        List<S3Bucket> buckets = new ArrayList<>();
        String first = settings.get(Setting.BACKUP_S3_BUCKET);
        if (!first.isEmpty()) {
            buckets.add(bucket(
                    settings,
                    Setting.BACKUP_S3_BUCKET,
                    "s3",
                    first,
                    settings.get(Setting.BACKUP_S3_PREFIX),
                    Map.of(
                            "region",
                            settings.get(Setting.BACKUP_S3_REGION),
                            "endpoint",
                            settings.get(Setting.BACKUP_S3_ENDPOINT))));
        } else {
            refuseWithoutBucket(settings);
        }
        for (String replica : settings.get(Setting.BACKUP_S3_REPLICAS).split(",")) {
            if (!replica.isBlank()) {
                buckets.add(replica(settings, replica.strip()));
            }
        }
        return List.copyOf(buckets);
    }

    private static void refuseWithoutBucket(Settings settings) {
        for (Setting setting :
                List.of(Setting.BACKUP_S3_PREFIX, Setting.BACKUP_S3_REGION, Setting.BACKUP_S3_ENDPOINT)) {
            if (!settings.get(setting).isEmpty()) {
                throw Failure.usage(setting + " is set, and BACKUP_S3_BUCKET is not", "Name the bucket.");
            }
        }
    }

    private static S3Bucket replica(Settings settings, String replica) {
        Matcher parts = REPLICA.matcher(replica);
        if (!parts.matches()) {
            throw bad(
                    Setting.BACKUP_S3_REPLICAS,
                    replica,
                    "is not name=s3://bucket/prefix?region=…",
                    "For instance frankfurt=s3://backups-eu/shop?region=eu-central-1.");
        }
        return bucket(
                settings,
                Setting.BACKUP_S3_REPLICAS,
                parts.group(1).strip(),
                parts.group(2),
                parts.group(3),
                options(parts.group(4)));
    }

    private static Map<String, String> options(String query) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : query == null ? new String[0] : query.split("&")) {
            String name = option.replaceFirst("=.*", "");
            if (!OPTIONS.contains(name)) {
                throw bad(
                        Setting.BACKUP_S3_REPLICAS,
                        name,
                        "is not an option of a replica",
                        Spelling.suggestion(name, OPTIONS)
                                .orElse("It knows " + String.join(", ", new TreeSet<>(OPTIONS)) + "."));
            }
            options.put(
                    name,
                    URLDecoder.decode(
                            option.substring(Math.min(option.length(), name.length() + 1)), StandardCharsets.UTF_8));
        }
        return options;
    }

    private static S3Bucket bucket(
            Settings settings, Setting from, String store, String bucket, String prefix, Map<String, String> options) {
        if (!BUCKET.matcher(bucket).matches()) {
            throw bad(
                    from,
                    bucket,
                    "is not the name of a bucket",
                    "Three to 63 lower-case letters, digits, dots and hyphens.");
        }
        String folder = prefix.replaceAll("^/+|/+$", "");
        if (!PREFIX.matcher(folder).matches()) {
            throw bad(from, prefix, "is not a prefix", "Letters, digits, dots, hyphens, and slashes in between.");
        }
        URI endpoint = endpoint(from, options.getOrDefault("endpoint", ""));
        String lock = option(options, "object-lock", settings, Setting.BACKUP_S3_OBJECT_LOCK);
        return new S3Bucket(
                store,
                bucket,
                folder,
                emptyToNull(options.getOrDefault("region", "")),
                endpoint,
                pathStyle(settings, options, endpoint),
                emptyToNull(option(options, "storage-class", settings, Setting.BACKUP_S3_STORAGE_CLASS)),
                encryption(option(options, "sse", settings, Setting.BACKUP_S3_SSE)),
                lock.isEmpty() ? null : lock(lock).group(1).toUpperCase(Locale.ROOT),
                lock.isEmpty() ? null : lockedFor(lock),
                emptyToNull(option(options, "delete-profile", settings, Setting.BACKUP_S3_DELETE_PROFILE)),
                Quantity.patience(settings.get(Setting.BACKUP_S3_TIMEOUT))
                        .orElseThrow(() -> bad(
                                Setting.BACKUP_S3_TIMEOUT,
                                settings.get(Setting.BACKUP_S3_TIMEOUT),
                                "is not a duration",
                                "For instance 30s.")));
    }

    private static String option(Map<String, String> options, String name, Settings settings, Setting general) {
        return options.getOrDefault(name, settings.get(general));
    }

    private static URI endpoint(Setting from, String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            URI endpoint = new URI(text);
            if (endpoint.getHost() != null
                    && Set.of("http", "https").contains(endpoint.getScheme())
                    && endpoint.getUserInfo() == null) {
                return endpoint;
            }
        } catch (URISyntaxException e) {
            throw bad(from, "endpoint", "is not an address", "For instance https://minio.example.com:9000.");
        }
        throw bad(
                from,
                "endpoint",
                "is not an address",
                "For instance https://minio.example.com:9000, and no credentials in it.");
    }

    private static boolean pathStyle(Settings settings, Map<String, String> options, URI endpoint) {
        String style = option(options, "path-style", settings, Setting.BACKUP_S3_PATH_STYLE);
        return switch (style) {
            case "" -> endpoint != null;
            case "true", "on" -> true;
            case "false", "off" -> false;
            default ->
                throw bad(
                        Setting.BACKUP_S3_PATH_STYLE,
                        style,
                        "is neither on nor off",
                        "Leave it away: it is on where an endpoint is given.");
        };
    }

    private static String encryption(String text) {
        if (!text.matches("|AES256|aws:kms(:[A-Za-z0-9:/_-]+)?")) {
            throw bad(
                    Setting.BACKUP_S3_SSE,
                    text,
                    "is not an encryption of the server",
                    "One of AES256, aws:kms, aws:kms:<key id>.");
        }
        return emptyToNull(text);
    }

    private static Matcher lock(String text) {
        Matcher lock = LOCK.matcher(text);
        if (!lock.matches()) {
            throw bad(
                    Setting.BACKUP_S3_OBJECT_LOCK,
                    text,
                    "is not an object lock",
                    "For instance governance:30d or compliance:90d.");
        }
        return lock;
    }

    private static Duration lockedFor(String text) {
        return Quantity.duration(lock(text).group(2))
                .orElseThrow(() -> bad(
                        Setting.BACKUP_S3_OBJECT_LOCK,
                        text,
                        "does not say for how long",
                        "For instance governance:30d."));
    }

    private static String emptyToNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static Failure bad(Setting setting, String value, String why, String hint) {
        return Failure.usage(setting + ": \"" + value + "\" " + why, hint);
    }
}
