package io.bactrian.crypto;

import java.util.regex.Pattern;

/** Words for a POSIX shell, as {@code sh} reads them back unchanged. */
public final class ShellQuote {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:=@%+,][A-Za-z0-9_./:=@%+,-]*");

    private ShellQuote() {}

    /** The word itself where it holds nothing that a shell or an option parser would take for itself, else in single quotes. */
    public static String quote(String word) {
        return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** The name as a file operand; one that begins with a dash gets {@code ./} in front, so that it is never an option. */
    public static String file(String name) {
        return quote(name.startsWith("-") ? "./" + name : name);
    }
}
