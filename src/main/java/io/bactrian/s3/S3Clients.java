package io.bactrian.s3;

import io.bactrian.Failure;
import io.bactrian.config.S3Bucket;
import io.bactrian.crypto.NativeDigests;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.s3.S3Client;

/** A client for each bucket, made when it is first used, and another for deletion where that has credentials of its own. */
final class S3Clients implements AutoCloseable {
    static final String NEVER = "none";

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int CONNECTIONS = 16;
    /** A part or a small request; what still fails is tried again as a whole, by the route. */
    private static final int ATTEMPTS = 3;

    private final Map<String, S3Client> clients = new HashMap<>();

    synchronized S3Client of(S3Bucket bucket) {
        return clients.computeIfAbsent(
                bucket.store(),
                name -> make(bucket, DefaultCredentialsProvider.builder().build()));
    }

    /** @throws Failure if this host is never to delete */
    synchronized S3Client deleting(S3Bucket bucket) {
        String profile = bucket.deleteProfile();
        if (profile == null) {
            return of(bucket);
        }
        if (profile.equals(NEVER)) {
            throw Failure.precondition(
                    "this host does not delete in the store " + bucket.store(),
                    "BACKUP_S3_DELETE_PROFILE=none says so: run `bactrian cleanup` where it may.");
        }
        return clients.computeIfAbsent(
                bucket.store() + " deleting",
                name -> make(
                        bucket,
                        ProfileCredentialsProvider.builder()
                                .profileName(profile)
                                .build()));
    }

    static S3Client make(S3Bucket bucket, AwsCredentialsProvider credentials) {
        NativeDigests.prefer();
        var builder = S3Client.builder()
                .region(region(bucket))
                .credentialsProvider(credentials)
                .forcePathStyle(bucket.pathStyle())
                .httpClientBuilder(ApacheHttpClient.builder()
                        .maxConnections(CONNECTIONS)
                        .connectionTimeout(CONNECT)
                        .socketTimeout(bucket.timeout()))
                .overrideConfiguration(override -> override.retryStrategy(retry -> retry.maxAttempts(ATTEMPTS)));
        Optional.ofNullable(bucket.endpoint()).ifPresent(builder::endpointOverride);
        return builder.build();
    }

    private static Region region(S3Bucket bucket) {
        if (bucket.region() != null) {
            return Region.of(bucket.region());
        }
        try {
            return regions(bucket).getRegion();
        } catch (SdkClientException e) {
            if (bucket.endpoint() != null) {
                return Region.US_EAST_1;
            }
            throw Failure.usage(
                    "the region of the store " + bucket.store() + " is not known",
                    "Set BACKUP_S3_REGION, or AWS_REGION.");
        }
    }

    /** For somebody else's server no machine of Amazon's is asked where it runs: elsewhere that takes until the request times out. */
    private static AwsRegionProvider regions(S3Bucket bucket) {
        return bucket.endpoint() == null || bucket.endpoint().getHost().endsWith(".amazonaws.com")
                ? new DefaultAwsRegionProviderChain()
                : new AwsRegionProviderChain(new SystemSettingsRegionProvider(), new AwsProfileRegionProvider());
    }

    @Override
    public synchronized void close() {
        clients.values().forEach(S3Client::close);
        clients.clear();
    }
}
