package io.bactrian.crypto;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.bouncycastle.bcpg.ArmoredOutputStream;
import org.bouncycastle.openpgp.PGPUtil;

/** OpenPGP's ASCII form. */
final class Armor {
    private Armor() {}

    static byte[] wrap(byte[] packets) throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (ArmoredOutputStream armor =
                ArmoredOutputStream.builder().clearHeaders().build(text)) {
            armor.write(packets);
        }
        return text.toByteArray();
    }

    static InputStream unwrap(byte[] text) throws IOException {
        return PGPUtil.getDecoderStream(new ByteArrayInputStream(text));
    }
}
