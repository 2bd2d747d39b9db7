package io.bactrian.stream;

import java.io.IOException;
import java.io.OutputStream;

/** A transformation in push style: what is written to the returned stream arrives transformed at {@code next}. */
@FunctionalInterface
public interface Filter {
    /** Closing the returned stream must write what is still due and close {@code next}. */
    OutputStream to(OutputStream next) throws IOException;
}
