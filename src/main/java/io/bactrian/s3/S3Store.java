package io.bactrian.s3;

import io.bactrian.Failure;
import io.bactrian.config.S3Bucket;
import io.bactrian.repository.Store;
import io.bactrian.repository.Verdict;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.camel.Exchange;
import org.apache.camel.component.aws2.s3.AWS2S3Constants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/** The bean {@code s3} of the routes {@code store-s3-…}: which bucket, and what camel-aws2-s3 leaves to others. */
public final class S3Store implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(S3Store.class);
    private static final Duration ABANDONED = Duration.ofDays(1);

    private final List<S3Bucket> buckets;
    private final Clock clock;
    private final S3Clients clients = new S3Clients();

    public S3Store(List<S3Bucket> buckets, Clock clock) {
        this.buckets = buckets;
        this.clock = clock;
    }

    /** Makes a client for each bucket, in a thread of its own: to load the SDK takes longer than many an answer. */
    public void connectAhead() {
        CompletableFuture.runAsync(() -> {
            try {
                buckets.forEach(clients::of);
            } catch (Failure | SdkException e) {
                LOG.debug("told again, to whoever needs that bucket", e);
            }
        });
    }

    /** Finds the bucket of the store that is meant, and the key of the path in CamelFileName. */
    public void locate(Exchange exchange) {
        S3Object object = found(exchange);
        offer(exchange, object.client(), clients.of(object.in()));
    }

    /** As {@link #locate}, with the credentials that may delete. */
    public void locateToDelete(Exchange exchange) {
        S3Object object = found(exchange);
        offer(exchange, object.client() + "-deleting", clients.deleting(object.in()));
    }

    private S3Object found(Exchange exchange) {
        Store store = exchange.getProperty(Store.PROPERTY, Store.class);
        S3Bucket bucket = buckets.stream()
                .filter(b -> store != null && b.store().equals(store.name()))
                .findFirst()
                .orElseThrow(() -> Failure.usage(
                        "there is no bucket for the store " + (store == null ? "" : store.name()),
                        "BACKUP_S3_BUCKET and BACKUP_S3_REPLICAS name them."));
        String path = exchange.getMessage().getHeader(Exchange.FILE_NAME, "", String.class);
        S3Object object = new S3Object(bucket, path, -1);
        exchange.setProperty(S3Object.PROPERTY, object);
        exchange.getMessage().setHeader(AWS2S3Constants.KEY, object.key());
        return object;
    }

    private static void offer(Exchange exchange, String name, S3Client client) {
        exchange.getContext().getRegistry().bind(name, S3Client.class, client);
    }

    /** How large the body is; what is no file becomes an array, so that it can be sent again. What goes in one request is whole. */
    public void measure(Exchange exchange) throws IOException {
        Object body = exchange.getMessage().getBody();
        long bytes;
        if (body instanceof File file) {
            bytes = file.length();
        } else {
            try (InputStream small = exchange.getMessage().getMandatoryBody(InputStream.class)) {
                byte[] content = small.readAllBytes();
                exchange.getMessage().setBody(content);
                bytes = content.length;
            } catch (org.apache.camel.InvalidPayloadException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        S3Object object = object(exchange).of(bytes);
        exchange.setProperty(S3Object.PROPERTY, object);
        if (!object.special()) {
            Verdict.await(exchange);
        }
        exchange.getMessage().setHeader(AWS2S3Constants.CONTENT_LENGTH, bytes);
        if (object.in().storageClass() != null) {
            exchange.getMessage()
                    .setHeader(AWS2S3Constants.STORAGE_CLASS, object.in().storageClass());
        }
    }

    /** Sends the body, in parts if it is large. */
    public void upload(Exchange exchange) throws IOException {
        S3Object object = object(exchange);
        Object body = exchange.getMessage().getBody();
        PartedUpload.Content content = body instanceof File file
                ? (offset, bytes) -> RequestBody.fromContentProvider(
                        new FilePart(file, offset, bytes), bytes, PartedUpload.MIME_TYPE)
                : (offset, bytes) -> RequestBody.fromBytes((byte[]) body);
        new PartedUpload(clients.of(object.in()), object, content, clock.instant()).run(() -> Verdict.await(exchange));
    }

    /** The server has as much as was sent. */
    public void compare(Exchange exchange) throws IOException {
        S3Object object = object(exchange);
        long stored = clients.of(object.in())
                .headObject(head -> head.bucket(object.bucket()).key(object.key()))
                .contentLength();
        if (stored != object.bytes()) {
            throw new IOException(object.path() + " has " + stored + " bytes in the bucket, and had " + object.bytes());
        }
    }

    /** The body is the answer; reading it goes on if the connection breaks. */
    @SuppressWarnings("unchecked")
    public void resume(Exchange exchange) {
        S3Object object = object(exchange);
        ResponseInputStream<GetObjectResponse> answer =
                (ResponseInputStream<GetObjectResponse>) exchange.getMessage().getBody(ResponseInputStream.class);
        exchange.getMessage().setBody(new ResumedObject(clients.of(object.in()), object, answer));
    }

    /** The paths of all objects below a folder; the component's own listing ends after 1,000 without saying so. */
    public List<String> list(Exchange exchange) {
        S3Object folder = object(exchange);
        String prefix = folder.path().isEmpty() ? folder.key() : folder.key() + "/";
        List<String> paths = new ArrayList<>();
        clients.of(folder.in())
                .listObjectsV2Paginator(page -> page.bucket(folder.bucket()).prefix(prefix))
                .contents()
                .forEach(found -> paths.add(folder.in().path(found.key())));
        paths.removeIf(found -> found.endsWith("/"));
        paths.sort(null);
        return paths;
    }

    /** Takes back the parts of uploads that nobody has finished for a day. */
    public void tidy(Exchange exchange) {
        S3Object all = object(exchange);
        Instant limit = clock.instant().minus(ABANDONED);
        S3Client client = clients.deleting(all.in());
        for (MultipartUpload upload : client.listMultipartUploadsPaginator(
                        page -> page.bucket(all.bucket()).prefix(all.key()))
                .uploads()) {
            if (upload.initiated().isBefore(limit)) {
                client.abortMultipartUpload(
                        abort -> abort.bucket(all.bucket()).key(upload.key()).uploadId(upload.uploadId()));
                LOG.atInfo().addKeyValue("path", upload.key()).log("Took back an upload that was never finished");
            }
        }
    }

    /** Whether another attempt may help. */
    public boolean passing(Exchange exchange) {
        return !S3Errors.lasting(failure(exchange));
    }

    /** What the caller gets instead of what Camel and the SDK threw. */
    public void explain(Exchange exchange) {
        S3Object object = object(exchange);
        Throwable cause = failure(exchange);
        if (object != null) {
            String route = String.valueOf(exchange.getProperty(Exchange.FAILURE_ROUTE_ID));
            String operation = route.substring(route.lastIndexOf('-') + 1);
            exchange.setProperty(
                    Exchange.EXCEPTION_CAUGHT, S3Errors.explain(cause, object.in(), operation, object.path()));
        }
    }

    private static Throwable failure(Exchange exchange) {
        Throwable caught = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        return caught == null ? exchange.getException() : caught;
    }

    private static S3Object object(Exchange exchange) {
        return exchange.getProperty(S3Object.PROPERTY, S3Object.class);
    }

    @Override
    public void close() {
        clients.close();
    }
}
