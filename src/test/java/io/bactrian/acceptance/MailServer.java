package io.bactrian.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.subethamail.smtp.DropConnectionException;
import org.subethamail.smtp.MessageContext;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.auth.EasyAuthenticationHandlerFactory;
import org.subethamail.smtp.auth.LoginFailedException;
import org.subethamail.smtp.server.SMTPServer;

/** A real mail server, which wants a login; it can speak TLS by STARTTLS, refuse what it gets, and drop who is talking to it. */
final class MailServer implements AutoCloseable {
    static final String PASSWORD = "mail-canary";
    private static final String USER = "ops";
    private static final char[] STORE_PASSWORD = "changeit".toCharArray();

    enum Answer {
        TAKEN,
        REFUSED,
        DROPPED
    }

    /** A message as it arrived. */
    record Mail(String text) {
        String subject() {
            return text.lines()
                    .filter(line -> line.startsWith("Subject: "))
                    .findFirst()
                    .orElseThrow()
                    .substring("Subject: ".length());
        }
    }

    private final List<Mail> taken = new CopyOnWriteArrayList<>();
    private final List<String> passwords = new CopyOnWriteArrayList<>();
    private final SMTPServer server;
    private volatile Answer answer = Answer.TAKEN;

    private MailServer(SMTPServer.Builder builder) {
        server = builder.authenticationHandlerFactory(new EasyAuthenticationHandlerFactory(this::login))
                .requireAuth()
                .messageHandler(this::arrived)
                .build();
        server.start();
    }

    /** Without TLS, on all addresses. */
    static MailServer start() {
        return new MailServer(SMTPServer.port(0));
    }

    /** Takes no mail before STARTTLS; on localhost, for which the certificate is. */
    static MailServer startWithTls(Path keys) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, STORE_PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, STORE_PASSWORD);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        return new MailServer(SMTPServer.port(0)
                .bindAddress(InetAddress.getLoopbackAddress())
                .startTlsSocketFactory(tls)
                .requireTLS());
    }

    /** A key with a certificate that nobody has signed but its owner. */
    static Path keys(Path folder, String host) throws Exception {
        Path keys = folder.resolve("keys-" + host + ".p12");
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Program.Outcome made = new Shell(folder, Map.of())
                .run(keytool + " -genkeypair -alias mail -keyalg EC -storetype PKCS12 -dname CN=" + host
                        + " -ext san=dns:" + host + " -storepass " + new String(STORE_PASSWORD) + " -keystore " + keys);
        if (made.exitCode() != 0) {
            throw new IOException(made.toString());
        }
        return keys;
    }

    /** The options of a Java program that trusts such a certificate. */
    static String trusting(Path keys) {
        return "-Djavax.net.ssl.trustStore=" + keys + " -Djavax.net.ssl.trustStorePassword="
                + new String(STORE_PASSWORD);
    }

    String url(String host) {
        return "smtp://" + USER + ":" + PASSWORD + "@" + host + ":" + server.getPortAllocated();
    }

    void answers(Answer next) {
        answer = next;
    }

    List<Mail> taken() {
        return taken;
    }

    /** Every password that somebody showed. */
    List<String> passwords() {
        return passwords;
    }

    private void login(String user, String password, MessageContext context) throws LoginFailedException {
        passwords.add(password);
        if (!user.equals(USER) || !password.equals(PASSWORD)) {
            throw new LoginFailedException();
        }
    }

    private void arrived(MessageContext context, String from, String to, byte[] data) throws RejectException {
        switch (answer) {
            case REFUSED -> throw new RejectException(451, "Try again later");
            case DROPPED -> throw new DropConnectionException();
            case TAKEN -> taken.add(new Mail(new String(data, StandardCharsets.ISO_8859_1)));
        }
    }

    @Override
    public void close() {
        server.stop();
    }
}
