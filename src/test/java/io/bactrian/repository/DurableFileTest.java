package io.bactrian.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurableFileTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_536, 200_001})
    void writes_all_of_it_and_says_how_much(int bytes) throws IOException {
        Path target = folder.resolve("made/on/the/way/file");

        assertThat(DurableFile.write(new ByteArrayInputStream(new byte[bytes]), target))
                .isEqualTo(bytes);

        assertThat(target).hasSize(bytes);
        assertThat(target.getParent()).isDirectoryNotContaining(path -> !path.equals(target));
    }

    @Test
    void until_the_end_the_file_is_not_there_under_its_name() throws IOException {
        Path target = folder.resolve("file");
        InputStream looking = new SequenceInputStream(new ByteArrayInputStream(new byte[100]), new InputStream() {
            @Override
            public int read() {
                assertThat(target).doesNotExist();
                assertThat(folder.resolve("file" + DurableFile.UNFINISHED)).exists();
                return -1;
            }
        });

        DurableFile.write(looking, target);

        assertThat(folder).isDirectoryContaining(path -> path.equals(target));
    }

    @ParameterizedTest
    @ValueSource(strings = {"checked", "unchecked", "error"})
    void a_source_that_fails_is_heard_and_leaves_nothing(String how) throws IOException {
        Path target = folder.resolve("file");
        InputStream failing = new SequenceInputStream(new ByteArrayInputStream(new byte[100_000]), new InputStream() {
            @Override
            public int read() throws IOException {
                switch (how) {
                    case "checked" -> throw new IOException(how);
                    case "unchecked" -> throw new IllegalStateException(how);
                    default -> throw new OutOfMemoryError(how);
                }
            }
        });

        assertThatThrownBy(() -> DurableFile.write(failing, target)).hasMessage(how);

        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void what_a_killed_run_left_under_the_temporary_name_is_no_obstacle() throws IOException {
        Path target = folder.resolve("file");
        Files.writeString(folder.resolve("file" + DurableFile.UNFINISHED), "half of something longer");

        DurableFile.write(new ByteArrayInputStream("whole".getBytes()), target);

        assertThat(target).hasContent("whole");
        assertThat(folder.resolve("file" + DurableFile.UNFINISHED)).doesNotExist();
    }

    @Test
    void a_place_that_cannot_be_written_is_named_with_a_hint() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        Files.createDirectories(folder.resolve("folder/not-empty"));
        for (Path target : new Path[] {file.resolve("below"), folder.resolve("folder")}) {
            Failure failure = catchThrowableOfType(
                    Failure.class, () -> DurableFile.write(new ByteArrayInputStream(new byte[1]), target));

            assertThat(failure).as(target.toString()).isNotNull().hasMessageContaining("cannot write " + folder);
            assertThat(failure.exitCode()).isEqualTo(ExitCode.FAILED);
            assertThat(failure.hint()).contains("BACKUP_DIR");
        }
        assertThat(file).hasContent("in the way");
        assertThat(folder.resolve("folder" + DurableFile.UNFINISHED)).doesNotExist();
    }
}
