package io.bactrian.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class StageTest {
    private static final Filter UNCHANGED = next -> next;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 131_071, 131_072, 131_073, 3_000_001})
    void hands_on_every_byte_in_order(int size) throws IOException {
        byte[] content = random(size);
        try (Stage stage = Stage.of("same", new ByteArrayInputStream(content), UNCHANGED)) {
            assertThat(stage.readAllBytes()).isEqualTo(content);
            assertThat(stage.read()).as("after the end still the end").isEqualTo(-1);
        }
    }

    @Test
    void reads_single_bytes_as_unsigned() throws IOException {
        try (Stage stage = Stage.of("bytes", new ByteArrayInputStream(new byte[] {-1, 0, 127}), UNCHANGED)) {
            assertThat(new int[] {stage.read(), stage.read(), stage.read(), stage.read()})
                    .containsExactly(255, 0, 127, -1);
        }
    }

    @Test
    void hands_on_what_the_filter_writes_when_it_is_closed() throws IOException {
        Filter trailer = next -> new FilterOutputStream(next) {
            @Override
            public void close() throws IOException {
                next.write("trailer".getBytes(java.nio.charset.StandardCharsets.UTF_8));
                super.close();
            }
        };
        try (Stage stage = Stage.of("trailer", InputStream.nullInputStream(), trailer)) {
            assertThat(stage.readAllBytes()).asString().isEqualTo("trailer");
        }
    }

    @Test
    void chains() throws IOException {
        byte[] content = random(1_000_000);
        InputStream packed =
                Stage.of("zstd", new ByteArrayInputStream(content), next -> Compression.ZSTD.compress(next, 1));
        try (Stage twice = Stage.of("gzip", packed, next -> Compression.GZIP.compress(next, 1));
                InputStream once = Compression.GZIP.decompress(twice);
                InputStream plain = Compression.ZSTD.decompress(once)) {
            assertThat(plain.readAllBytes()).isEqualTo(content);
        }
    }

    @Test
    void does_not_read_far_ahead_of_a_slow_reader() throws IOException {
        AtomicLong taken = new AtomicLong();
        InputStream endless = new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] target, int offset, int length) {
                taken.addAndGet(length);
                return length;
            }
        };
        try (Stage stage = Stage.of("bounded", endless, UNCHANGED)) {
            assertThat(stage.read()).isZero();
            AtomicLong before = new AtomicLong(-1);
            await().pollInterval(Duration.ofMillis(100))
                    .until(() -> before.getAndSet(taken.get()) == taken.get()); // it has stopped to read
            assertThat(taken).hasValueLessThanOrEqualTo(2L * 1024 * 1024);
        }
    }

    @Test
    void a_failure_of_the_source_comes_in_place_of_the_end() throws IOException {
        byte[] content = random(200_000);
        InputStream broken = new SequenceInputStream(new ByteArrayInputStream(content), failing("pg_dump was killed"));
        try (Stage stage = Stage.of("source", broken, UNCHANGED)) {
            assertThat(stage.readNBytes(content.length)).isEqualTo(content);
            assertThatThrownBy(stage::read).isInstanceOf(IOException.class).hasMessage("pg_dump was killed");
            assertThatThrownBy(stage::read).as("never an end").hasMessage("pg_dump was killed");
        }
    }

    @Test
    void a_failure_keeps_its_type() throws IOException {
        Filter refusing = next -> {
            throw Failure.integrity("forged", "Do not use it.");
        };
        try (Stage stage = Stage.of("type", InputStream.nullInputStream(), refusing)) {
            assertThatThrownBy(stage::read).isInstanceOf(Failure.class).hasMessage("forged");
        }
        try (Stage stage = Stage.of("error", InputStream.nullInputStream(), next -> {
            throw new OutOfMemoryError("none left");
        })) {
            assertThatThrownBy(stage::read).isInstanceOf(OutOfMemoryError.class);
        }
    }

    @Test
    void a_filter_that_fails_when_it_is_closed_is_no_clean_end() throws IOException {
        Filter incomplete = next -> new FilterOutputStream(next) {
            @Override
            public void close() throws IOException {
                super.close();
                throw new IOException("the final chunk could not be made");
            }
        };
        try (Stage stage = Stage.of("close", new ByteArrayInputStream(random(10)), incomplete)) {
            assertThatThrownBy(stage::readAllBytes).hasMessage("the final chunk could not be made");
        }
    }

    @Test
    void closing_early_closes_the_source_and_ends_the_thread() throws IOException {
        AtomicBoolean closed = new AtomicBoolean();
        CompletableFuture<Thread> worker = new CompletableFuture<>();
        InputStream endless = new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] target, int offset, int length) {
                worker.complete(Thread.currentThread());
                return length;
            }

            @Override
            public void close() {
                closed.set(true);
            }
        };
        Stage stage = Stage.of("early", endless, UNCHANGED);
        assertThat(stage.read()).isZero();

        stage.close();

        assertThat(closed).isTrue();
        await().until(() -> !worker.join().isAlive());
    }

    @Test
    void closing_frees_a_reader_in_another_thread() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        InputStream silent = new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                try {
                    closed.await();
                    return -1;
                } catch (InterruptedException e) {
                    throw new InterruptedIOException("interrupted");
                }
            }
        };
        Stage stage = Stage.of("freed", silent, UNCHANGED);
        CompletableFuture<Integer> reading = CompletableFuture.supplyAsync(() -> {
            try {
                return stage.read();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });

        stage.close();

        assertThatThrownBy(() -> reading.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseInstanceOf(InterruptedIOException.class);
    }

    @Test
    void writes_single_bytes_of_a_filter() throws IOException {
        Filter doubling = next -> new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                next.write(b);
                next.write(b);
            }

            @Override
            public void close() throws IOException {
                next.close();
            }
        };
        try (Stage stage = Stage.of("double", new ByteArrayInputStream(new byte[] {1, 2}), doubling)) {
            assertThat(stage.readAllBytes()).containsExactly(1, 1, 2, 2);
        }
    }

    private static InputStream failing(String message) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException(message);
            }
        };
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
