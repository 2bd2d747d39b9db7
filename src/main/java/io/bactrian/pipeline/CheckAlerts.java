package io.bactrian.pipeline;

import io.bactrian.config.AlertSettings;
import io.bactrian.config.Settings;
import io.bactrian.pipeline.CheckResult.Outcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;

/** The {@code checkAlerts} step of {@code bactrian check}: whether anybody is told when a backup fails. */
public final class CheckAlerts {
    private static final int PATIENCE_MILLIS = 5000;
    private static final String ALERTS = "alerts";
    private static final Map<String, Integer> PORTS = Map.of("http", 80, "https", 443, "smtp", 587, "smtps", 465);

    private final Settings settings;

    CheckAlerts(Settings settings) {
        this.settings = settings;
    }

    public void channels(Exchange exchange) {
        CheckResult.add(exchange, ALERTS, () -> {
            List<CheckResult> found = new ArrayList<>();
            List<String> channels = AlertSettings.channels(settings);
            found.add(
                    channels.isEmpty()
                            ? new CheckResult(
                                    Outcome.INFO,
                                    ALERTS,
                                    "nobody is told when a backup fails",
                                    "Set BACKUP_SLACK_WEBHOOK_URL, or BACKUP_SMTP_URL with BACKUP_EMAIL_TO and BACKUP_EMAIL_FROM.")
                            : CheckResult.ok(ALERTS, "by " + String.join(", ", channels)));
            AlertSettings.slack(settings).ifPresent(address -> found.add(reached("the webhook", address)));
            AlertSettings.smtp(settings).ifPresent(address -> found.add(reached("the mail server", address)));
            AlertSettings.heartbeat(settings)
                    .ifPresent(address -> found.add(reached("the dead man's switch", address)));
            return found;
        });
    }

    /** Of the address, which is a secret, only the host is told. */
    private static CheckResult reached(String what, URI address) {
        int port = address.getPort() < 0 ? PORTS.get(address.getScheme()) : address.getPort();
        String server = what + " at " + address.getHost() + ":" + port;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.getHost(), port), PATIENCE_MILLIS);
            return CheckResult.ok(ALERTS, server + " can be reached");
        } catch (IOException e) {
            return new CheckResult(
                    Outcome.FAIL,
                    ALERTS,
                    server + " cannot be reached: " + e.getMessage(),
                    "Correct the address or let it through the firewall; alerts wait in the outbox meanwhile.");
        }
    }
}
