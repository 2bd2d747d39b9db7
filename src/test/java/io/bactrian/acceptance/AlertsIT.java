package io.bactrian.acceptance;

import static io.bactrian.acceptance.LoudFailure.assertDone;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.ExitCode;
import io.bactrian.repository.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What people are told, by a webhook and a mail server that work, refuse, or never answer. */
@ExtendWith(Postgres.Shared.class)
class AlertsIT {
    private static final String DATABASE = "told";
    private static final String NO_SERVER = "postgresql://bactrian@127.0.0.1:1/told";

    @TempDir
    private Path folder;

    private Webhook slack;
    private Webhook heartbeat;
    private MailServer mail;
    private Program program;
    private Program broken;

    @BeforeEach
    void receivers(Postgres postgres) throws Exception {
        slack = Webhook.start();
        heartbeat = Webhook.start();
        mail = MailServer.start();
        postgres.createDatabase(DATABASE);
        program = Program.of(repository(), postgres.backupUrl(DATABASE))
                .with("BACKUP_PITR", "off")
                .with("BACKUP_SLACK_WEBHOOK_URL", slack.url())
                .with("BACKUP_HEARTBEAT_URL", heartbeat.url())
                .with("BACKUP_SMTP_URL", mail.url("127.0.0.1"))
                .with("BACKUP_EMAIL_FROM", "bactrian@example.com")
                .with("BACKUP_EMAIL_TO", "ops@example.com");
        broken = program.with("DATABASE_URL", NO_SERVER);
    }

    @AfterEach
    void no_secret_is_anywhere() throws Exception {
        slack.close();
        heartbeat.close();
        mail.close();
        if (Files.notExists(repository())) {
            return;
        }
        try (Stream<Path> files = Files.walk(repository())) {
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().endsWith(".pgp"))
                    .toList()) {
                assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain("webhook-canary", MailServer.PASSWORD);
            }
        }
    }

    private Path repository() {
        return folder.resolve("repository");
    }

    private List<Path> waiting() throws Exception {
        Path outbox = repository().resolve(".outbox");
        return Files.exists(outbox)
                ? Aftermath.entries(outbox).stream()
                        .filter(file -> file.getFileName().toString().startsWith("alert-"))
                        .toList()
                : List.of();
    }

    private Program.Outcome fail(Program failing) throws Exception {
        Program.Outcome outcome = failing.run("full");
        Aftermath.assertRefused(outcome, ExitCode.PRECONDITION, "Cannot connect");
        assertThat(outcome.err()).doesNotContain("webhook-canary", MailServer.PASSWORD);
        return outcome;
    }

    @Test
    void a_failure_is_told_once_on_every_channel_and_so_is_its_end() throws Exception {
        fail(broken);
        JsonNode message = Json.mapper().readTree(slack.taken().get(0));
        assertThat(message.path("text").asText()).startsWith("Failed: full of told: Cannot connect");
        assertThat(message.path("blocks").toString())
                .contains(
                        "Failed: full of told",
                        "*Why*",
                        "*Hint*",
                        "*Since*",
                        "*Where*",
                        repository().toString());
        MailServer.Mail first = mail.taken().get(0);
        assertThat(first.subject()).isEqualTo("[Bactrian] Failed: full of told");
        assertThat(first.text()).contains("text/plain", "text/html", "Cannot connect", "To: ops@example.com");

        fail(broken);
        assertThat(slack.bodies()).hasSize(1);
        assertThat(mail.taken()).hasSize(1);
        assertThat(heartbeat.bodies()).isEmpty();

        assertDone(program.run("full"));
        assertThat(slack.taken()).hasSize(2);
        assertThat(slack.taken().get(1)).contains("Recovered: full of told");
        assertThat(mail.taken().get(1).subject()).isEqualTo("[Bactrian] Recovered: full of told");
        assertThat(heartbeat.taken()).hasSize(1);
        assertThat(waiting()).isEmpty();

        assertDone(program.run("full"));
        assertThat(slack.taken()).hasSize(2);
        assertThat(heartbeat.taken()).hasSize(2);
    }

    @Test
    void what_a_channel_refuses_waits_for_it_and_the_other_is_used_meanwhile() throws Exception {
        for (int refusal : new int[] {500, 429}) {
            slack.answers(refusal);
            fail(broken.with("DATABASE_URL", NO_SERVER + refusal));
        }
        assertThat(slack.bodies()).hasSize(2);
        assertThat(mail.taken()).hasSize(2);
        assertThat(waiting()).hasSize(2);
        assertThat(Files.readString(waiting().get(0))).contains("\"slack\"").doesNotContain("\"mail\"");

        mail.close();
        slack.answers(200);
        makeDue();
        assertDone(program.run("full"));
        assertThat(slack.taken()).hasSize(2);
        assertThat(String.join("\n", slack.taken())).contains("told500", "told429");
    }

    /** As if the pause after a refusal were over. */
    private void makeDue() throws Exception {
        for (Path letter : waiting()) {
            Files.writeString(
                    letter,
                    Files.readString(letter).replaceAll("\"again\":\"[^\"]+\"", "\"again\":\"2026-01-01T00:00:00Z\""));
        }
    }

    @Test
    void a_channel_that_never_answers_holds_a_run_up_for_a_bounded_time() throws Exception {
        slack.neverAnswers();
        heartbeat.neverAnswers();
        Instant began = Instant.now();
        fail(broken);
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(60));
        assertThat(waiting()).hasSize(1);
        assertThat(mail.taken()).hasSize(1);
        assertDone(program.run("full"));
    }

    @Test
    void a_mail_that_the_server_refuses_or_drops_is_neither_lost_nor_doubled() throws Exception {
        for (MailServer.Answer answer : List.of(MailServer.Answer.REFUSED, MailServer.Answer.DROPPED)) {
            mail.answers(answer);
            fail(broken.with("DATABASE_URL", NO_SERVER + answer.ordinal()));
        }
        assertThat(waiting()).hasSize(2);
        assertThat(slack.taken()).hasSize(2);
        mail.answers(MailServer.Answer.TAKEN);
        makeDue();
        assertDone(program.run("full"));
        assertDone(program.run("full"));
        assertThat(mail.taken())
                .extracting(MailServer.Mail::subject)
                .containsExactlyInAnyOrder("[Bactrian] Failed: full of told1", "[Bactrian] Failed: full of told2");
        assertThat(slack.taken()).hasSize(2);
    }

    @Test
    void mail_goes_by_tls_to_a_server_whose_certificate_is_trusted_and_to_no_other() throws Exception {
        Path keys = MailServer.keys(folder, "localhost");
        Path others = MailServer.keys(folder, "other.example.com");
        try (MailServer tls = MailServer.startWithTls(keys);
                MailServer impostor = MailServer.startWithTls(others)) {
            fail(broken.with("BACKUP_SMTP_URL", tls.url("localhost"))
                    .with("BACTRIAN_JAVA_OPTS", MailServer.trusting(keys)));
            assertThat(tls.taken()).hasSize(1);
            assertThat(waiting()).isEmpty();

            fail(broken.with("DATABASE_URL", NO_SERVER + "1").with("BACKUP_SMTP_URL", tls.url("localhost")));
            fail(broken.with("DATABASE_URL", NO_SERVER + "2")
                    .with("BACKUP_SMTP_URL", impostor.url("localhost"))
                    .with("BACTRIAN_JAVA_OPTS", MailServer.trusting(others)));
            assertThat(tls.taken()).hasSize(1);
            assertThat(impostor.passwords()).isEmpty();
            assertThat(waiting()).hasSize(2);
        }
    }

    @Test
    void a_password_is_not_sent_in_the_clear_to_another_machine() throws Exception {
        fail(broken.with("BACKUP_SMTP_URL", mail.url("127.0.0.2"))); // it offers no STARTTLS
        assertThat(mail.passwords()).isEmpty();
        assertThat(slack.taken()).hasSize(1);
        assertThat(waiting()).hasSize(1);
        fail(broken.with("DATABASE_URL", NO_SERVER + "1")
                .with("BACKUP_SMTP_URL", mail.url("127.0.0.2") + "?starttls=off"));
        assertThat(mail.passwords()).containsExactly(MailServer.PASSWORD);
    }

    @Test
    void a_check_names_the_channels_and_what_cannot_be_reached_without_the_addresses() throws Exception {
        assertThat(program.run("check").out())
                .contains("by slack, mail", "the webhook at 127.0.0.1", "the mail server at 127.0.0.1")
                .doesNotContain("canary");
        mail.close();
        assertThat(program.run("check").out())
                .containsPattern("FAIL +alerts +the mail server at 127.0.0.1:\\d+ cannot be reached")
                .doesNotContain("canary");
    }

    @Test
    void a_channel_is_added_by_a_route_file_alone() throws Exception {
        Path home = folder.resolve("home");
        Program installed = broken.installedIn(home).with("BACKUP_NOTIFY_CHANNELS", "file");
        Files.writeString(home.resolve("routes/notify-file.camel.yaml"), """
                - route:
                    id: notify-file
                    description: Alerts to a file
                    errorHandler:
                      noErrorHandler: {}
                    from:
                      id: notify-file-from
                      description: The body is the alert
                      uri: direct
                      parameters:
                        name: notify-file
                      steps:
                        - setBody:
                            id: notify-file-text
                            description: One line
                            simple:
                              expression: ${body.headline}
                        - to:
                            id: notify-file-write
                            description: Append it
                            uri: file
                            parameters:
                              directoryName: %s
                              fileName: alerts.txt
                              fileExist: Append
                """.formatted(folder));
        fail(installed);
        assertThat(folder.resolve("alerts.txt")).hasContent("Failed: full of told");
    }

    @Test
    void damage_is_told_and_so_is_that_it_was_repaired() throws Exception {
        assertDone(program.run("full"));
        Path dump = Aftermath.entries(repository().resolve("full")).get(0).resolve("database.dump.zst.pgp");
        byte[] sound = Files.readAllBytes(dump);
        byte[] flipped = sound.clone();
        flipped[flipped.length / 2] ^= 1;
        Files.write(dump, flipped);
        assertThat(program.run("test").exitCode()).isEqualTo(ExitCode.INTEGRITY.number());
        assertThat(slack.taken()).hasSize(1);
        assertThat(slack.taken().get(0)).contains("Damaged: integrity of full_");
        Files.write(dump, sound);
        assertDone(program.run("test"));
        assertThat(slack.taken()).hasSize(2);
        assertThat(slack.taken().get(1)).contains("Recovered: integrity of full_");
    }

    @Test
    void a_question_that_cannot_be_answered_is_told_to_who_asked_alone() throws Exception {
        assertThat(broken.run("restore", "latest").exitCode()).isNotZero();
        assertThat(broken.run("check").exitCode()).isNotZero();
        assertThat(slack.bodies()).isEmpty();
    }

    @Test
    void a_wrong_address_is_refused_without_being_shown() throws Exception {
        for (String name : List.of("BACKUP_SLACK_WEBHOOK_URL", "BACKUP_SMTP_URL", "BACKUP_HEARTBEAT_URL")) {
            Program.Outcome outcome = program.with(name, "htp:/webhook-canary").run("status");
            Aftermath.assertRefused(outcome, ExitCode.USAGE, name);
            assertThat(outcome.err()).doesNotContain("canary");
        }
    }
}
