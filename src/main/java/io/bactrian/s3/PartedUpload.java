package io.bactrian.s3;

import io.bactrian.config.S3Bucket;
import io.bactrian.stream.Streams;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Content on its way into a bucket, several parts at a time (Amazon S3 User Guide, "Uploading and copying objects using multipart
 * upload"). Nothing of it is held in memory; the server compares the checksum of each part. If one fails, or there is no consent to
 * what was sent, all are taken back.
 */
final class PartedUpload {
    private static final Logger LOG = LoggerFactory.getLogger(PartedUpload.class);
    private static final int AT_A_TIME = 4;
    private static final long SECONDS_TO_STOP = 30;
    static final String MIME_TYPE = "application/octet-stream";

    /** Can be read again and again. */
    interface Content {
        RequestBody part(long offset, long bytes);
    }

    /** Throws unless what was sent shall be kept. */
    interface Consent {
        void await() throws IOException;
    }

    private final S3Client client;
    private final S3Object object;
    private final Content content;
    private final Instant now;

    PartedUpload(S3Client client, S3Object object, Content content, Instant now) {
        this.client = client;
        this.object = object;
        this.content = content;
        this.now = now;
    }

    void run(Consent consent) throws IOException {
        if (object.bytes() <= S3Object.PART_BYTES) {
            consent.await();
            client.putObject(whole(), content.part(0, object.bytes()));
            return;
        }
        String upload = client.createMultipartUpload(parted()).uploadId();
        ExecutorService senders = Executors.newFixedThreadPool(AT_A_TIME);
        boolean complete = false;
        try {
            List<CompletedPart> parts = send(senders, upload);
            consent.await();
            client.completeMultipartUpload(end -> end.bucket(object.bucket())
                    .key(object.key())
                    .uploadId(upload)
                    .multipartUpload(all -> all.parts(parts)));
            complete = true;
        } finally {
            stop(senders);
            if (!complete) {
                takeBack(upload);
            }
        }
    }

    private List<CompletedPart> send(ExecutorService senders, String upload) throws IOException {
        List<Future<CompletedPart>> sent = new ArrayList<>();
        long partBytes = object.partBytes();
        for (long offset = 0; offset < object.bytes(); offset += partBytes) {
            long from = offset;
            int number = sent.size() + 1;
            sent.add(senders.submit(() -> send(upload, number, from, Math.min(partBytes, object.bytes() - from))));
        }
        List<CompletedPart> parts = new ArrayList<>();
        for (Future<CompletedPart> part : sent) {
            parts.add(result(part));
        }
        return parts;
    }

    private CompletedPart send(String upload, int number, long offset, long bytes) {
        var sent = client.uploadPart(
                part -> part.bucket(object.bucket())
                        .key(object.key())
                        .uploadId(upload)
                        .partNumber(number)
                        .checksumAlgorithm(ChecksumAlgorithm.CRC32),
                content.part(offset, bytes));
        return CompletedPart.builder()
                .partNumber(number)
                .eTag(sent.eTag())
                .checksumCRC32(sent.checksumCRC32())
                .build();
    }

    private static CompletedPart result(Future<CompletedPart> part) throws IOException {
        try {
            return part.get();
        } catch (ExecutionException e) {
            Streams.rethrow(e.getCause());
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    private PutObjectRequest whole() {
        S3Bucket in = object.in();
        var put = PutObjectRequest.builder()
                .bucket(object.bucket())
                .key(object.key())
                .storageClass(in.storageClass())
                .serverSideEncryption(in.serverSideEncryption())
                .ssekmsKeyId(in.kmsKey().orElse(null))
                .checksumAlgorithm(ChecksumAlgorithm.CRC32);
        if (in.lockMode() != null) {
            put.objectLockMode(in.lockMode()).objectLockRetainUntilDate(now.plus(in.lockedFor()));
        }
        return put.build();
    }

    private CreateMultipartUploadRequest parted() {
        S3Bucket in = object.in();
        var create = CreateMultipartUploadRequest.builder()
                .bucket(object.bucket())
                .key(object.key())
                .storageClass(in.storageClass())
                .serverSideEncryption(in.serverSideEncryption())
                .ssekmsKeyId(in.kmsKey().orElse(null))
                .checksumAlgorithm(ChecksumAlgorithm.CRC32);
        if (in.lockMode() != null) {
            create.objectLockMode(in.lockMode()).objectLockRetainUntilDate(now.plus(in.lockedFor()));
        }
        return create.build();
    }

    /** A part that arrives after the rest was taken back would stay, and be paid for. */
    private static void stop(ExecutorService senders) {
        senders.shutdownNow();
        try {
            if (!senders.awaitTermination(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
                LOG.warn("parts of an upload are still under way");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeBack(String upload) {
        try {
            client.abortMultipartUpload(
                    abort -> abort.bucket(object.bucket()).key(object.key()).uploadId(upload));
        } catch (SdkException e) {
            LOG.atWarn()
                    .addKeyValue("path", object.path())
                    .log("could not take an unfinished upload back; `bactrian cleanup` does it later");
        }
    }
}
