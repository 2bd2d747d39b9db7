package io.bactrian.pipeline;

import io.bactrian.config.AlertSettings;
import io.bactrian.config.Settings;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.camel.component.mail.MailComponent;
import org.apache.camel.component.mail.MailConfiguration;
import org.apache.camel.component.slack.SlackComponent;

/** Camel's components for the channels that are configured: made here, as their addresses and passwords may stand in no URI. */
final class Channels {
    private static final int MILLIS_OF_SILENCE = 20_000;

    private Channels() {}

    static Map<String, Object> components(Settings settings) {
        Map<String, Object> components = new HashMap<>();
        AlertSettings.slack(settings).ifPresent(url -> {
            SlackComponent slack = new SlackComponent();
            slack.setWebhookUrl(url.toString());
            components.put("slack", slack);
        });
        AlertSettings.smtp(settings).ifPresent(url -> components.put(url.getScheme(), mail(url)));
        return components;
    }

    private static MailComponent mail(URI url) {
        MailConfiguration configuration = new MailConfiguration();
        String[] login = url.getRawUserInfo() == null
                ? new String[0]
                : url.getRawUserInfo().split(":", 2);
        if (login.length == 2) {
            configuration.setUsername(decoded(login[0]));
            configuration.setPassword(decoded(login[1]));
        }
        configuration.setConnectionTimeout(MILLIS_OF_SILENCE);
        Properties more = new Properties();
        String protocol = "mail." + url.getScheme();
        more.setProperty(protocol + ".timeout", String.valueOf(MILLIS_OF_SILENCE));
        more.setProperty(protocol + ".writetimeout", String.valueOf(MILLIS_OF_SILENCE));
        more.setProperty(protocol + ".ssl.checkserveridentity", "true");
        if (url.getScheme().equals("smtp")) {
            more.setProperty(protocol + ".starttls.enable", "true");
            more.setProperty(protocol + ".starttls.required", String.valueOf(!AlertSettings.mayBePlain(url)));
        }
        configuration.setAdditionalJavaMailProperties(more);
        return new MailComponent(configuration);
    }

    /** In this part of a URL a plus is a plus (RFC 3986 §3.2.1); the decoder is one for forms. */
    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** What routes may know of it: where the server is. */
    static Map<String, String> placeholders(Settings settings) {
        return AlertSettings.smtp(settings)
                .map(url -> Map.of("backup.smtp.server", url.getScheme() + "://" + url.getHost() + port(url)))
                .orElse(Map.of());
    }

    private static String port(URI url) {
        return url.getPort() < 0 ? url.getScheme().equals("smtps") ? ":465" : ":587" : ":" + url.getPort();
    }
}
