package io.bactrian.postgres;

import io.bactrian.Failure;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Takes a libpq connection URI apart just as {@code conninfo_uri_parse_options} of libpq's fe-connect.c does, so that we
 * and the PostgreSQL programs always mean the same server. Where the text is malformed nobody can tell which part of it is
 * the password, so no error quotes any of it.
 */
final class ConnectionUri {
    static final String HINT = "Write it as DATABASE_URL=postgresql://user:password@host:5432/database?sslmode=require;"
            + " within user and password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25.";

    private final Map<Keyword, String> parameters = new EnumMap<>(Keyword.class);
    private final String text;
    private int at;

    private ConnectionUri(String text) {
        this.text = text;
    }

    /** The parameters that the URI states; hosts and ports are comma-separated lists, as libpq keeps them. */
    static Map<Keyword, String> parse(String uri) {
        return new ConnectionUri(withoutScheme(uri.strip())).parameters();
    }

    /** One part of a URI, so that nothing in it is taken for a separator. */
    static String encode(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** The same URI with another database: of a parameter that is given twice libpq takes the last. */
    static String withDatabase(String uri, String database) {
        String text = withoutScheme(uri.strip());
        boolean hasQuery = text.indexOf('?', afterCredentials(text)) >= 0;
        return uri.strip() + (hasQuery ? "&" : "?") + "dbname=" + encode(database);
    }

    static Failure malformed(String why) {
        return Failure.usage("DATABASE_URL is not a valid PostgreSQL URL: " + why, HINT);
    }

    private static String withoutScheme(String uri) {
        for (String scheme : List.of("postgresql://", "postgres://")) {
            if (uri.startsWith(scheme)) {
                return uri.substring(scheme.length());
            }
        }
        throw malformed("it does not begin with postgresql:// or postgres://");
    }

    private Map<Keyword, String> parameters() {
        credentials();
        hosts();
        if (peek() == '/') {
            at++;
            String database = until("?");
            if (database.indexOf('@') >= 0) {
                // libpq takes it, but far more often it ends a password with a / in it, which would be shown as the
                // name
                throw malformed("an @ follows the host: within a password / is %2F, within a database name @ is %40");
            }
            store(Keyword.DBNAME, database);
        }
        if (peek() == '?') {
            at++;
            query();
        }
        return parameters;
    }

    private static int afterCredentials(String text) {
        int slash = text.indexOf('/');
        int at = text.indexOf('@');
        return at < 0 || (slash >= 0 && slash < at) ? 0 : at + 1;
    }

    private void credentials() {
        int end = afterCredentials(text);
        if (end == 0) {
            return;
        }
        store(Keyword.USER, until(":@"));
        if (peek() == ':') {
            at++;
            store(Keyword.PASSWORD, until("@"));
        }
        at = end;
    }

    private void hosts() {
        List<String> hosts = new ArrayList<>();
        List<String> ports = new ArrayList<>();
        do {
            if (!hosts.isEmpty()) {
                at++;
            }
            hosts.add(host());
            if (peek() == ':') {
                at++;
                ports.add(until("/?,"));
            } else {
                ports.add("");
            }
        } while (peek() == ',');
        store(Keyword.HOST, String.join(",", hosts));
        store(Keyword.PORT, String.join(",", ports));
    }

    private String host() {
        if (peek() != '[') {
            String host = until(":/?,");
            if (host.indexOf('@') > 0) {
                throw malformed("there is more than one @ before the host, so the password holds one that must be %40");
            }
            return host;
        }
        at++;
        String address = until("]");
        if (peek() != ']') {
            throw malformed("the ] that ends an IPv6 address is missing");
        }
        if (address.isEmpty()) {
            throw malformed("the IPv6 address between [ and ] is empty");
        }
        at++;
        if (at < text.length() && ":/?,".indexOf(peek()) < 0) {
            throw malformed("something other than a port, a database or a comma follows an IPv6 address");
        }
        return address;
    }

    private void query() {
        // an @ here, or an earlier password, may mean that the "name" is the tail of a password
        boolean quotable = text.indexOf('@', at) < 0;
        for (String pair : text.substring(at).split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            String[] parts = pair.split("=", -1);
            if (parts.length != 2) {
                throw malformed("each parameter after the ? is one name=value, joined by &");
            }
            String name = decode(parts[0]);
            if (name.equals("ssl") && parts[1].equals("true")) {
                store(Keyword.SSLMODE, "require");
                continue;
            }
            String shown = quotable && name.matches("[A-Za-z_]{1,40}") ? " \"" + name + "\"" : "";
            Keyword keyword = Keyword.named(name)
                    .orElseThrow(() -> malformed("PostgreSQL knows no parameter of this name" + shown));
            quotable &= keyword != Keyword.PASSWORD && keyword != Keyword.SSLPASSWORD;
            store(keyword, parts[1]);
        }
        at = text.length();
    }

    private void store(Keyword keyword, String encoded) {
        if (!encoded.isEmpty()) {
            parameters.put(keyword, decode(encoded));
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private String until(String terminators) {
        int start = at;
        while (at < text.length() && terminators.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    private static String decode(String encoded) {
        byte[] bytes = encoded.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.write(bytes[i]);
                continue;
            }
            int high = i + 1 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw malformed("a % is not followed by two hexadecimal digits; a percent sign itself is %25");
            }
            if (high + low == 0) {
                throw malformed("it holds %00, which PostgreSQL allows nowhere");
            }
            decoded.write(high << 4 | low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("what it encodes with % is not UTF-8");
        }
    }
}
