package io.bactrian.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.List;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/** A real SSH server, Apache MINA's, which lets one key in and serves one folder by SFTP. */
public final class SftpServer implements AutoCloseable {
    private static final int BITS = 256;

    private final SshServer server = SshServer.setUpDefaultServer();
    private final Path folder;

    /** @param folder gets the client's key, {@code known_hosts}, and {@code served}, which clients see as the root */
    public SftpServer(Path folder) throws Exception {
        this.folder = folder;
        KeyPair host = KeyUtils.generateKeyPair(KeyPairProvider.ECDSA_SHA2_NISTP256, BITS);
        KeyPair client = KeyUtils.generateKeyPair(KeyPairProvider.ECDSA_SHA2_NISTP256, BITS);
        server.setHost("127.0.0.1");
        server.setKeyPairProvider(KeyPairProvider.wrap(host));
        server.setPublickeyAuthenticator((user, key, session) -> same(client.getPublic(), key));
        server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
        server.setFileSystemFactory(new VirtualFileSystemFactory(Files.createDirectories(root())));
        server.start();
        Files.writeString(
                folder.resolve("known_hosts"),
                "[127.0.0.1]:" + server.getPort() + " " + PublicKeyEntry.toString(host.getPublic()) + "\n");
        try (var key = Files.newOutputStream(folder.resolve("client_key"))) {
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(client, "client", null, key);
        }
    }

    private static boolean same(PublicKey expected, PublicKey given) {
        return KeyUtils.compareKeys(expected, given);
    }

    /** What clients see as {@code /}. */
    public Path root() {
        return folder.resolve("served");
    }

    public String address() {
        return "127.0.0.1:" + server.getPort();
    }

    public Path clientKey() {
        return folder.resolve("client_key");
    }

    public Path knownHosts() {
        return folder.resolve("known_hosts");
    }

    @Override
    public void close() throws IOException {
        server.stop(true);
    }
}
