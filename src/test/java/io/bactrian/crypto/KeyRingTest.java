package io.bactrian.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bactrian.ExitCode;
import io.bactrian.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.SecretSubkeyPacket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyRingTest {
    private static final byte[] CONTENT = "{\"id\":\"full_2025-01-01T02-00-00-000Z\"}".getBytes(StandardCharsets.UTF_8);
    private static final String FINGERPRINT = Keys.RING.fingerprint();

    @TempDir
    Path repository;

    private Path keys;

    @BeforeEach
    void name_the_folder() {
        keys = repository.resolve("keys");
    }

    @Test
    void a_folder_without_keys_holds_no_ring() throws IOException {
        assertThat(KeyRing.read(keys)).isEmpty();
        Files.createDirectory(keys);
        assertThat(KeyRing.read(keys)).isEmpty();
    }

    @Test
    void a_written_ring_is_read_back() {
        Keys.RING.write(keys, Keys.PASSPHRASE, Encryption.OPENPGP);

        KeyRing read = KeyRing.read(keys).orElseThrow();

        assertThat(read.fingerprint()).isEqualTo(FINGERPRINT).matches("[0-9a-f]{40}");
        assertThat(read.certificate().created()).isEqualTo(Instant.parse("2025-01-01T02:00:00Z"));
        read.verify(CONTENT, read.unlock(Keys.PASSPHRASE).sign(CONTENT));
    }

    @Test
    void only_the_gpg_format_writes_a_copy_for_gnupg() throws IOException {
        Keys.RING.write(keys, Keys.PASSPHRASE, Encryption.OPENPGP);
        assertThat(modes()).containsOnlyKeys(FINGERPRINT + ".public.asc", FINGERPRINT + ".secret.asc");

        KeyRing.read(keys).orElseThrow().write(keys, Keys.PASSPHRASE, Encryption.GPG);
        assertThat(modes())
                .containsOnlyKeys(
                        FINGERPRINT + ".public.asc", FINGERPRINT + ".secret.asc", FINGERPRINT + ".secret-gpg.asc");
    }

    @Test
    void key_files_are_for_their_owner_alone() throws IOException {
        Keys.RING.write(keys, Keys.PASSPHRASE, Encryption.GPG);

        assertThat(modes().values()).containsOnly("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)))
                .isEqualTo("rwx------");
    }

    @Test
    void writing_again_changes_nothing() throws IOException {
        Keys.RING.write(keys, Keys.PASSPHRASE, Encryption.GPG);
        FileTime old = FileTime.from(Instant.parse("2001-01-01T00:00:00Z"));
        for (String name : modes().keySet()) {
            Files.setLastModifiedTime(keys.resolve(name), old);
        }

        Keys.RING.write(keys, Keys.PASSPHRASE, Encryption.GPG);

        for (String name : modes().keySet()) {
            assertThat(Files.getLastModifiedTime(keys.resolve(name))).isEqualTo(old);
        }
    }

    @Test
    void what_an_interrupted_write_left_does_not_stand_in_the_way() throws IOException {
        Files.createDirectory(keys);
        Files.writeString(keys.resolve(FINGERPRINT + ".secret.asc.tmp"), "half");

        Keys.RING.write(keys, Keys.PASSPHRASE, Encryption.OPENPGP);

        assertThat(KeyRing.read(keys).orElseThrow().unlock(Keys.PASSPHRASE)).isNotNull();
        assertThat(modes()).hasSize(2);
    }

    @Test
    void the_newest_of_several_rings_is_used() {
        Passphrase passphrase = Passphrase.of("another passphrase");
        KeyRing newer = KeyRing.generate(passphrase, Instant.parse("2025-06-01T00:00:00Z"));
        newer.write(keys, passphrase, Encryption.OPENPGP);
        Keys.RING.write(keys, Keys.PASSPHRASE, Encryption.OPENPGP);

        assertThat(KeyRing.read(keys).orElseThrow().fingerprint()).isEqualTo(newer.fingerprint());
    }

    @Test
    void a_wrong_passphrase_does_not_unlock() {
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> Keys.RING.unlock(Passphrase.of("not the passphrase")))
                .withMessage("the passphrase does not open key " + FINGERPRINT)
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION))
                .satisfies(failure -> assertThat(failure.hint()).contains("BACKUP_ENCRYPTION_KEY"));
    }

    @Test
    void a_damaged_key_that_decrypts_is_found_by_who_decrypts_and_hinders_nobody_who_signs() throws IOException {
        Keys.RING.write(keys, Keys.PASSPHRASE, Encryption.OPENPGP);
        Path secret = keys.resolve(FINGERPRINT + ".secret.asc");
        Files.write(
                secret,
                Armor.wrap(withDamagedSubkey(
                        Armor.unwrap(Files.readAllBytes(secret)).readAllBytes())));

        KeyRing ring = KeyRing.read(keys).orElseThrow();
        UnlockedKeyRing unlocked = ring.unlock(Keys.PASSPHRASE);
        ring.verify(CONTENT, unlocked.sign(CONTENT));

        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> unlocked.open(new byte[0], InputStream.nullInputStream()))
                .withMessageContaining("does not open key")
                .satisfies(failure -> assertThat(failure.hint()).contains(".secret.asc is damaged"));
    }

    private static byte[] withDamagedSubkey(byte[] packets) throws IOException {
        byte[] damaged = packets.clone();
        BCPGInputStream in = new BCPGInputStream(new ByteArrayInputStream(packets));
        for (Object packet; (packet = in.readPacket()) != null; ) {
            if (packet instanceof SecretSubkeyPacket subkey) {
                String tail = latin(subkey.getEncoded()).substring(subkey.getEncoded().length - 32);
                damaged[latin(packets).indexOf(tail) + 31] ^= 1;
            }
        }
        assertThat(damaged).isNotEqualTo(packets);
        return damaged;
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void without_its_secret_key_a_ring_still_seals_and_verifies() throws IOException {
        Keys.RING.write(keys, Keys.PASSPHRASE, Encryption.OPENPGP);
        Files.delete(keys.resolve(FINGERPRINT + ".secret.asc"));

        KeyRing ring = KeyRing.read(keys).orElseThrow();

        ring.verify(CONTENT, Keys.UNLOCKED.sign(CONTENT));
        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> ring.unlock(Keys.PASSPHRASE))
                .withMessageContaining("is not in this repository")
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.PRECONDITION));
    }

    @Test
    void a_certificate_under_another_ones_name_is_refused() throws IOException {
        Passphrase passphrase = Passphrase.of("another passphrase");
        KeyRing.generate(passphrase, Instant.EPOCH).write(keys, passphrase, Encryption.OPENPGP);
        Path file = keys.resolve(modes().keySet().iterator().next());
        Files.move(file, keys.resolve("0".repeat(40) + ".public.asc"));

        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> KeyRing.read(keys))
                .withMessageContaining("holds another key")
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY));
    }

    @Test
    void a_damaged_certificate_is_refused() throws IOException {
        Files.createDirectory(keys);
        Files.writeString(keys.resolve(FINGERPRINT + ".public.asc"), "not a certificate");

        assertThatExceptionOfType(Failure.class)
                .isThrownBy(() -> KeyRing.read(keys))
                .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTEGRITY));
    }

    /** Permissions by file name, in the order of names. */
    private Map<String, String> modes() throws IOException {
        Map<String, String> modes = new TreeMap<>();
        try (Stream<Path> files = Files.list(keys)) {
            for (Path file : files.toList()) {
                modes.put(
                        file.getFileName().toString(),
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            }
        }
        return modes;
    }
}
