package io.bactrian.pipeline;

import java.util.Objects;

/** This program's version, as the build wrote it into the jar. */
public final class Version {
    private Version() {}

    public static String text() {
        return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "development");
    }
}
