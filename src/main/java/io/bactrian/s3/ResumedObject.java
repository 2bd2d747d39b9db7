package io.bactrian.s3;

import io.bactrian.Failure;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The content of an object. A connection that breaks, or ends early, is followed by another one for the rest (a range of the same
 * object, told by its ETag: never of one that has replaced it). A stream that ends has its full length; anything else is thrown.
 */
final class ResumedObject extends InputStream {
    private static final Logger LOG = LoggerFactory.getLogger(ResumedObject.class);
    /** In a row, without a byte in between. */
    private static final int ATTEMPTS = 5;

    private static final long FIRST_DELAY = TimeUnit.MILLISECONDS.toNanos(250);

    private final S3Client client;
    private final S3Object object;
    private final String tag;
    private final long length;
    private ResponseInputStream<GetObjectResponse> current;
    private long position;
    private int failures;

    ResumedObject(S3Client client, S3Object object, ResponseInputStream<GetObjectResponse> first) {
        this.client = client;
        this.object = object;
        this.current = first;
        this.tag = first.response().eTag();
        Long announced = first.response().contentLength();
        if (tag == null || announced == null) {
            first.abort();
            throw Failure.running(
                    object.path() + " came without its length or ETag from the store "
                            + object.in().store(),
                    "Is there a proxy before the bucket? It must leave both headers alone.");
        }
        this.length = announced;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int wanted) throws IOException {
        if (wanted == 0) {
            return 0;
        }
        while (position < length) {
            try {
                if (current == null) {
                    current = rest();
                }
                int count = current.read(buffer, offset, (int) Math.min(wanted, length - position));
                if (count < 0) {
                    throw new EOFException("the server ended it after " + position + " of " + length + " bytes");
                }
                position += count;
                failures = 0;
                return count;
            } catch (IOException | SdkException e) {
                again(e);
            }
        }
        return -1;
    }

    private ResponseInputStream<GetObjectResponse> rest() throws IOException {
        ResponseInputStream<GetObjectResponse> answer = client.getObject(get -> get.bucket(object.bucket())
                .key(object.key())
                .ifMatch(tag)
                .range("bytes=" + position + "-" + (length - 1)));
        String range = answer.response().contentRange();
        if (range == null || !range.startsWith("bytes " + position + "-")) {
            answer.abort();
            throw new IOException("the server gave another part than was asked for");
        }
        return answer;
    }

    private void again(Exception cause) throws IOException {
        drop();
        failures++;
        if (failures == ATTEMPTS || Thread.currentThread().isInterrupted() || S3Errors.lasting(cause)) {
            throw new IOException(
                    S3Errors.explain(cause, object.in(), "get", object.path()).getMessage(), cause);
        }
        LOG.atDebug()
                .addKeyValue("path", object.path())
                .log("reading goes on at byte {} after: {}", position, cause.getMessage());
        LockSupport.parkNanos(FIRST_DELAY << failures);
    }

    /** Closing would read the rest, so that the connection can be used again. */
    private void drop() {
        if (current != null) {
            current.abort();
            current = null;
        }
    }

    @Override
    public void close() throws IOException {
        if (position == length && current != null) {
            current.close();
            current = null;
        }
        drop();
    }
}
