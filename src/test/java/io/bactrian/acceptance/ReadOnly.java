package io.bactrian.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;

/** A folder that nobody can write, not even root, until it is closed: bound to itself, read-only. */
final class ReadOnly implements AutoCloseable {
    private final Path folder;

    private ReadOnly(Path folder) {
        this.folder = folder;
    }

    /** Skips the test where the system does not allow it. */
    static ReadOnly mount(Path folder) throws Exception {
        assumeTrue(run("mount", "--bind", folder.toString(), folder.toString()), "only root can do this");
        ReadOnly mounted = new ReadOnly(folder);
        if (!run("mount", "-o", "remount,bind,ro", folder.toString())) {
            mounted.close();
            throw new AssertionError("could not make " + folder + " read-only");
        }
        return mounted;
    }

    @Override
    public void close() throws Exception {
        assertThat(run("umount", folder.toString())).isTrue();
    }

    private static boolean run(String... command) throws Exception {
        return new ProcessBuilder(command).start().waitFor() == 0;
    }
}
