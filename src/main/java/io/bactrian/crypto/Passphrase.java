package io.bactrian.crypto;

import io.bactrian.Failure;

/** The secret behind {@code BACKUP_ENCRYPTION_KEY}: long and varied enough not to be guessed quickly, on one line. */
public final class Passphrase {
    static final int MINIMUM_LENGTH = 12;
    static final int MINIMUM_DIFFERENT = 5;

    private final String text;

    private Passphrase(String text) {
        this.text = text;
    }

    /** @throws Failure of usage for a passphrase that is too short, too uniform, or not one line of text */
    public static Passphrase of(String text) {
        String what = "BACKUP_ENCRYPTION_KEY ";
        String hint = "make a strong one with: openssl rand -base64 24 (and keep a copy away from the backups)";
        if (text.codePointCount(0, text.length()) < MINIMUM_LENGTH) {
            throw Failure.usage(what + "is too short: at least " + MINIMUM_LENGTH + " characters are needed", hint);
        }
        if (text.codePoints().distinct().count() < MINIMUM_DIFFERENT) {
            throw Failure.usage(
                    what + "is too uniform: at least " + MINIMUM_DIFFERENT + " different characters are needed", hint);
        }
        // gpg, sq and openssl could not be given such a passphrase on a terminal or in a file
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            throw Failure.usage(what + "holds a line break or another control character", hint);
        }
        return new Passphrase(text);
    }

    char[] characters() {
        return text.toCharArray();
    }

    @Override
    public String toString() {
        return "Passphrase[hidden]";
    }
}
