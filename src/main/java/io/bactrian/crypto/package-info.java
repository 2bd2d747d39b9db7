/**
 * Encryption, signatures and keys: OpenPGP by BouncyCastle with the JDK's ciphers underneath, and the {@code openssl enc}
 * format. Whatever is written here opens without Bactrian; {@link io.bactrian.crypto.Encryption#openCommand} says how.
 */
package io.bactrian.crypto;
