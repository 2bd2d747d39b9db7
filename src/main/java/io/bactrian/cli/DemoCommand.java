package io.bactrian.cli;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.TemporaryCluster;
import io.bactrian.postgres.Tools;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = "The whole story on a throw-away PostgreSQL; leaves nothing behind.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final String DATABASE = "shop";
    private static final String COPY = "shop_copy";

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Settings settings = Settings.read(Invocation.home(), Map.of());
        Path parent = settings.temporaryDirectory();
        Tools tools = Tools.locateServer(settings.programs());
        say("A throw-away PostgreSQL " + tools.version() + ", on a socket of its own below " + parent);
        try (Guardian guardian = new Guardian();
                TemporaryCluster cluster = TemporaryCluster.start(tools, parent, guardian, Map.of());
                DemoStage stage = DemoStage.set(settings, parent, guardian, tools, cluster)) {
            tell(stage);
        }
        say("That was all of it; nothing is left behind.");
        return 0;
    }

    private void tell(DemoStage stage) throws Exception {
        say("A shop with 20,000 customers and 100,000 orders, and a role that may only read");
        stage.sql("postgres", "CREATE DATABASE " + DATABASE);
        try (InputStream shop = DemoCommand.class.getResourceAsStream("/demo/shop.sql")) {
            stage.script(DATABASE, shop);
        }
        stage.script(DATABASE, stage.home().resolve("sql/backup-role.sql"));

        say("Is everything there that a backup needs?");
        stage.bactrian("check");
        say("A full backup: dumped, compressed, encrypted, signed, and read back");
        stage.bactrian("full");
        say("The test that `full` made by itself can be made at any time");
        stage.bactrian("test", "latest");

        say("Restored beside the original, and compared with the proof that was taken in the dump's own snapshot");
        stage.asAdministrator("restore", "latest", COPY);
        say("Do the two databases look the same to pg_dump?");
        compare(stage.dump(DATABASE), stage.dump(COPY));

        say("Somebody forgets a WHERE");
        stage.sql(DATABASE, "UPDATE orders SET status = 'returned'; DROP TABLE order_lines CASCADE");
        say("Only the lost table, with its indexes, constraints and keys, back into the live database");
        stage.asAdministrator("restore", "latest", DATABASE, "--table", "order_lines");
        say("The whole database back; what was there is kept until somebody drops it");
        stage.asAdministrator("restore", "latest", DATABASE, "--replace");
        compare(stage.dump(DATABASE), stage.dump(COPY));

        say("How things stand");
        stage.bactrian("status");
    }

    private void compare(String one, String other) {
        if (!one.equals(other)) {
            throw Failure.integrity(
                    "the dumps of the two databases differ", "Please report this: it should not happen.");
        }
        spec.commandLine().getOut().println("Yes: " + one.lines().count() + " lines, each the same.");
    }

    private void say(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.println("=== " + text);
        out.flush();
    }
}
