package io.bactrian.repository;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.bactrian.postgres.Lsn;
import java.time.Instant;

/**
 * What the manifest of a base says of the cluster that was copied.
 *
 * @param chain the id of the base that began the chain; a base that begins one names itself
 * @param timeline of the server when the copy began
 * @param segmentBytes size of the cluster's WAL segments
 * @param start a place in the log at or before the one where recovery from this base begins
 * @param end a place at or after the one where it is consistent
 * @param endTime the server's clock when the copy had ended: the first moment that can be recovered
 * @param databaseBytes size of the unpacked copy
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PhysicalBase(
        BackupId chain, int timeline, int segmentBytes, Lsn start, Lsn end, Instant endTime, long databaseBytes) {}
