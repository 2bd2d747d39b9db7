package io.bactrian.postgres;

/** Shutdown hooks: what is done when this JVM ends, by a signal for instance. */
public final class AtShutdown {
    private AtShutdown() {}

    /** Takes it back; too late if the JVM is ending already. */
    static void withdraw(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // it has run, or does now
            return;
        }
    }

    /** Whether the JVM is ending: what fails then says nothing about itself. */
    public static boolean isUnderWay() {
        Thread probe = new Thread(() -> {});
        try {
            Runtime.getRuntime().addShutdownHook(probe);
        } catch (IllegalStateException e) {
            return true;
        }
        withdraw(probe);
        return false;
    }
}
