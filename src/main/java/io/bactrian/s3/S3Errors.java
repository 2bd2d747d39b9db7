package io.bactrian.s3;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import io.bactrian.config.S3Bucket;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** What went wrong with a bucket, and what to do about it (Amazon S3 API Reference, "Error responses"). */
final class S3Errors {
    private static final Set<String> WRONG_REGION = Set.of(
            "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301", "307");
    private static final Set<String> EXPIRED = Set.of("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired");
    private static final Set<String> UNKNOWN_KEY =
            Set.of("InvalidAccessKeyId", "InvalidToken", "UnrecognizedClientException");
    private static final Set<String> SKEWED = Set.of("RequestTimeTooSkewed", "RequestExpired");

    private S3Errors() {}

    /** Whether another attempt would end the same way. */
    static boolean lasting(Throwable failed) {
        Throwable cause = known(failed);
        if (cause instanceof AwsServiceException answer) {
            return answer.statusCode() < 500 && answer.statusCode() != 429 && answer.statusCode() != 408;
        }
        return cause instanceof Failure
                || cause instanceof AbortedException
                || cause instanceof UnknownHostException
                || cause instanceof SSLException && !reset(cause)
                || cause instanceof SdkClientException && lacksCredentials(cause);
    }

    /** @param operation {@code put}, {@code get}, {@code list} or {@code delete} */
    static Failure explain(Throwable failed, S3Bucket bucket, String operation, String path) {
        Throwable cause = known(failed);
        if (cause instanceof Failure known) {
            return known;
        }
        return cause instanceof AwsServiceException answer
                ? answered(answer, bucket, operation, path)
                : unanswered(cause, bucket, operation);
    }

    private static Failure answered(AwsServiceException answer, S3Bucket bucket, String operation, String path) {
        String code = code(answer);
        String store = "the store " + bucket.store() + " (" + bucket.describe() + ")";
        if (code.equals("NoSuchBucket") || code.equals("InvalidBucketName")) {
            return Failure.precondition(
                    "there is no bucket " + bucket.bucket() + " for " + store, "Create it, or correct its name.");
        }
        if (code.equals("NoSuchKey") || (answer.statusCode() == 404 && operation.equals("get"))) {
            return Failure.integrity(
                    path + " is missing in " + store, "This copy is not whole: `bactrian replicate` completes it.");
        }
        if (EXPIRED.contains(code)) {
            return Failure.precondition("the credentials for " + store + " have expired", "Renew them.");
        }
        if (UNKNOWN_KEY.contains(code)) {
            return Failure.precondition(
                    store + " does not know these credentials",
                    "Check the access key; for another account, AWS_PROFILE.");
        }
        if (code.equals("SignatureDoesNotMatch")) {
            return Failure.precondition(store + " refused the signature", "Check the secret access key.");
        }
        if (SKEWED.contains(code)) {
            return Failure.precondition(
                    "the clock of this host and that of " + store + " are too far apart", "Set the clock; use NTP.");
        }
        if (WRONG_REGION.contains(code) || answer.statusCode() == 301) {
            return Failure.precondition(
                    store + " is in another region than " + region(bucket),
                    "Set BACKUP_S3_REGION, or `region` of the replica.");
        }
        if (code.equals("InvalidObjectState")) {
            return Failure.precondition(
                    path + " is archived in " + store, "Restore it from its storage class first, then try again.");
        }
        if (code.equals("ObjectLockConfigurationNotFoundError")
                || (code.equals("InvalidRequest") && bucket.lockMode() != null)) {
            return Failure.precondition(
                    store + " refused the object lock: "
                            + answer.awsErrorDetails().errorMessage(),
                    "Object lock is switched on when a bucket is made; otherwise unset BACKUP_S3_OBJECT_LOCK.");
        }
        if (answer.statusCode() == 403 || code.equals("MethodNotAllowed")) {
            return denied(store, operation);
        }
        return new Failure(
                ExitCode.FAILED,
                store + " could not " + operation + " (" + answer.statusCode() + " " + code + ")",
                answer.statusCode() >= 500 || answer.statusCode() == 429
                        ? "The server is overloaded or out of order: the next run tries again."
                        : "The server's own log says more.");
    }

    private static Failure denied(String store, String operation) {
        return Failure.precondition(
                store + " does not allow to " + operation,
                switch (operation) {
                    case "put" -> "Grant s3:PutObject and s3:AbortMultipartUpload below the prefix.";
                    case "get" -> "Grant s3:GetObject below the prefix.";
                    case "list" -> "Grant s3:ListBucket on the bucket.";
                    default -> "Grant s3:DeleteObject below the prefix, or set BACKUP_S3_DELETE_PROFILE.";
                });
    }

    private static Failure unanswered(Throwable cause, S3Bucket bucket, String operation) {
        String store = "the store " + bucket.store() + " (" + bucket.describe() + ")";
        if (lacksCredentials(cause)) {
            return Failure.precondition(
                    "there are no credentials for " + store,
                    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this host a role.");
        }
        if (cause instanceof UnknownHostException) {
            return Failure.precondition(
                    "the address of " + store + " is not known",
                    "Check BACKUP_S3_ENDPOINT and the region; BACKUP_S3_PATH_STYLE=on keeps the bucket out of the host name.");
        }
        if (cause instanceof SSLException) {
            return Failure.precondition(
                    "no secure connection to " + store + ": " + cause.getMessage(),
                    "Its certificate must be valid for that name and signed by an authority that Java trusts.");
        }
        if (cause instanceof ConnectException) {
            return Failure.precondition("nothing answers at " + store, "Is the server running, and the address right?");
        }
        if (cause instanceof SocketTimeoutException || cause instanceof InterruptedIOException) {
            return Failure.running(
                    store + " was silent for " + bucket.timeout().toSeconds() + " s",
                    "Check the network; BACKUP_S3_TIMEOUT is how long to wait.");
        }
        return Failure.running(
                "could not " + operation + " in " + store + ": " + cause.getMessage(), "The next run tries again.");
    }

    private static boolean lacksCredentials(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("Unable to load credentials")
                || message.contains("Profile file contained no credentials")
                || message.contains("credentials for profile");
    }

    private static boolean reset(Throwable cause) {
        return Stream.iterate(cause, e -> e != null, Throwable::getCause).anyMatch(SocketException.class::isInstance);
    }

    private static String region(S3Bucket bucket) {
        return bucket.region() == null ? "the one that was assumed" : bucket.region();
    }

    private static String code(AwsServiceException answer) {
        return answer.awsErrorDetails() == null || answer.awsErrorDetails().errorCode() == null
                ? String.valueOf(answer.statusCode())
                : answer.awsErrorDetails().errorCode();
    }

    /** The most telling of the causes. */
    private static Throwable known(Throwable failed) {
        return Stream.iterate(failed, e -> e != null, Throwable::getCause)
                .filter(e -> e instanceof Failure
                        || e instanceof AwsServiceException
                        || e instanceof UnknownHostException
                        || e instanceof SSLException
                        || e instanceof ConnectException
                        || e instanceof SocketTimeoutException
                        || e instanceof AbortedException)
                .findFirst()
                .orElse(failed);
    }
}
