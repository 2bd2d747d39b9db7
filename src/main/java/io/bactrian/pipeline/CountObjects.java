package io.bactrian.pipeline;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.bactrian.Failure;
import io.bactrian.postgres.DatabaseProperties;
import io.bactrian.repository.Json;
import io.bactrian.stream.LastBytes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;

/** The {@code parse} step of a test: is the dump complete, and does it hold as many objects as when it was made? */
public final class CountObjects {
    private static final Pattern ENTRIES = Pattern.compile(";\\s+TOC Entries: (\\d+)");
    private static final String COMPLETE = "-- PostgreSQL database dump complete";
    private static final String CLUSTER_COMPLETE = "-- PostgreSQL database cluster dump complete";
    private static final int TAIL_BYTES = 4096;

    /** The body is what {@code pg_restore --list} prints; the body after it a finding. */
    public void archive(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        int counted = -1;
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(exchange.getMessage().getBody(InputStream.class), StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                Matcher entries = ENTRIES.matcher(line);
                if (counted < 0 && entries.matches()) {
                    counted = Integer.parseInt(entries.group(1));
                }
            }
        }
        Integer recorded = reading.manifest().objects();
        if (recorded != null && recorded != counted) {
            throw incomplete(reading, "holds " + counted + " objects, the manifest records " + recorded);
        }
        exchange.getMessage().setBody("digest, decryption, decompression, " + counted + " objects");
    }

    /** The body is the SQL itself; the body after it a finding. */
    public void script(Exchange exchange) throws IOException {
        Reading reading = Reading.of(exchange);
        String tail;
        try (InputStream sql = exchange.getMessage().getBody(InputStream.class)) {
            tail = new String(LastBytes.of(sql, TAIL_BYTES), StandardCharsets.UTF_8);
        }
        if (!tail.contains(COMPLETE) && !tail.contains(CLUSTER_COMPLETE)) {
            throw incomplete(reading, "does not end as a complete dump does");
        }
        exchange.getMessage().setBody("digest, decryption, decompression, end marker");
    }

    /** The body is the database's properties as JSON; the body after it a finding. */
    public void properties(Exchange exchange) throws IOException {
        try (InputStream json = exchange.getMessage().getBody(InputStream.class)) {
            Json.mapper().readValue(json, DatabaseProperties.class);
        } catch (JsonProcessingException e) {
            throw incomplete(Reading.of(exchange), "cannot be read");
        }
        exchange.getMessage().setBody("digest, decryption, decompression, properties");
    }

    /** The body is the configuration of a cluster as JSON; the body after it a finding. */
    public void configuration(Exchange exchange) throws IOException {
        try (InputStream json = exchange.getMessage().getBody(InputStream.class)) {
            Json.mapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw incomplete(Reading.of(exchange), "cannot be read");
        }
        exchange.getMessage().setBody("digest, decryption, decompression, configuration");
    }

    private static Failure incomplete(Reading reading, String how) {
        return Failure.integrity(
                reading.artifact().name() + " of " + reading.id() + " " + how,
                "Make a new backup with `bactrian full`; restore an older one if you need one now.");
    }
}
