package io.bactrian.postgres;

import java.io.IOException;

/** Something that is done to files and may fail. */
@FunctionalInterface
interface FileWork {
    void run() throws IOException;
}
