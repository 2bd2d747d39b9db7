package io.bactrian.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.bactrian.config.S3Bucket;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Uses a client as a store does, against a server that always says the same, so that the classes of both ways come into the archive
 * that makes starts fast. Loading them without takes as long as sending half a gigabyte.
 */
public final class S3Training {
    private static final String LIST =
            "<ListBucketResult><Contents><Key>k</Key><Size>1</Size></Contents></ListBucketResult>";
    private static final String BEGUN =
            "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>";
    private static final String ENDED = "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>";

    private S3Training() {}

    public static void run() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", S3Training::answer);
        server.start();
        URI endpoint = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        S3Bucket bucket =
                new S3Bucket("s3", "b", "", null, endpoint, true, null, null, null, null, null, Duration.ofSeconds(10));
        var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b"));
        try (S3Client client = S3Clients.make(bucket, credentials)) {
            S3Object object = new S3Object(bucket, "k", 1);
            put(client, object);
            put(client, object.of(S3Object.PART_BYTES + 1));
            client.headObject(head -> head.bucket("b").key("k"));
            client.listObjectsV2Paginator(page -> page.bucket("b")).contents().forEach(found -> {});
            try (ResumedObject content = new ResumedObject(
                    client, object, client.getObject(get -> get.bucket("b").key("k")))) {
                content.readAllBytes();
            }
        } finally {
            server.stop(0);
        }
    }

    private static void put(S3Client client, S3Object object) throws IOException {
        PartedUpload.Content zeros = (offset, bytes) -> RequestBody.fromBytes(new byte[(int) bytes]);
        new PartedUpload(client, object, zeros, Instant.now()).run(() -> {});
    }

    private static void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        String text = switch (exchange.getRequestMethod()) {
            case "GET" -> query.contains("list-type") ? LIST : "x";
            case "POST" -> query.contains("uploadId") ? ENDED : BEGUN;
            default -> "";
        };
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("ETag", "\"e\"");
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }
}
