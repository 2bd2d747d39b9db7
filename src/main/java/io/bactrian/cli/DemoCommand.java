package io.bactrian.cli;

import io.bactrian.Failure;
import io.bactrian.config.Settings;
import io.bactrian.postgres.AtShutdown;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.TemporaryCluster;
import io.bactrian.postgres.TemporaryDirectory;
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
    private static final String FROM_BUCKET = "shop_from_the_bucket";
    private static final String RECOVERED = "shop_recovered";
    /** What lets PITR be on by itself: a slot must not be able to fill the server's disk. */
    private static final Map<String, String> SERVER = Map.of("max_slot_wal_keep_size", "1GB");

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Settings settings = Settings.read(Invocation.home(), Map.of());
        Path parent = settings.temporaryDirectory();
        Tools tools = Tools.locateServer(settings.programs());
        say("A throw-away PostgreSQL " + tools.version() + ", on a socket of its own below " + parent);
        TemporaryDirectory.clearLeftovers(parent);
        try (Guardian guardian = new Guardian();
                TemporaryCluster cluster = TemporaryCluster.start(tools, parent, guardian, SERVER);
                DemoStage stage = DemoStage.set(settings, guardian, tools, cluster)) {
            tell(stage);
        } catch (Exception e) {
            throw AtShutdown.isUnderWay()
                    ? Failure.running(
                            "the demo was ended half way", "Nothing of it is left; `bactrian demo` begins anew.")
                    : e;
        }
        say("That was all of it; nothing is left behind.");
        return 0;
    }

    private void tell(DemoStage stage) throws Exception {
        openTheShop(stage);
        backUp(stage);
        restoreBeside(stage);
        recoverADroppedTable(stage);
        restoreOver(stage);

        recoverFromTheBucket(stage);
    }

    private void openTheShop(DemoStage stage) throws Exception {
        say("A shop with 20,000 customers and 100,000 orders, and a role that may only read");
        stage.sql("postgres", "CREATE DATABASE " + DATABASE);
        try (InputStream shop = DemoCommand.class.getResourceAsStream("/demo/shop.sql")) {
            stage.script(DATABASE, shop);
        }
        stage.script(DATABASE, stage.home().resolve("sql/backup-role.sql"));
    }

    private void backUp(DemoStage stage) throws Exception {
        say("Is everything there that a backup needs?");
        stage.bactrian("check");
        say("A full backup: dumped, compressed, encrypted, signed, and read back; with it a base of the whole cluster");
        stage.bactrian("full");
        say("The test that `full` made by itself can be made at any time");
        stage.bactrian("test", "latest");
    }

    private void restoreBeside(DemoStage stage) throws Exception {
        say("Restored beside the original, and compared with the proof that was taken in the dump's own snapshot");
        stage.asAdministrator("restore", "latest", COPY);
        say("Do the two databases look the same to pg_dump?");
        compare(stage.dump(DATABASE), stage.dump(COPY));
    }

    private void recoverADroppedTable(DemoStage stage) throws Exception {
        say("Business goes on, and an incremental backup keeps what was written since");
        stage.sql(DATABASE, "UPDATE orders SET status = 'shipped' WHERE status = 'paid' AND placed < '2026-01-01'");
        stage.bactrian("incremental");
        say("A last order, a second passes, and a table is dropped by mistake, in the wrong window");
        stage.sql(DATABASE, "INSERT INTO order_lines (order_id, product_id, quantity, price) VALUES (0, 1, 1, 99)");
        String before = stage.dump(DATABASE);
        String moment = stage.value(
                DATABASE, "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')");
        stage.value(DATABASE, "SELECT pg_sleep(1)");
        stage.sql(DATABASE, "DROP TABLE order_lines CASCADE");
        stage.sql(DATABASE, "INSERT INTO products (sku, price, attributes) VALUES ('SKU-NEW', 10, '{}')");
        stage.bactrian("incremental");

        say("The database as it was the second before, as a new database beside the live one");
        stage.asAdministrator("pitr", moment, RECOVERED);
        say("Is it what pg_dump had seen then?");
        compare(before, stage.dump(RECOVERED));
        say("The lost table alone, back into the live database: what was written after the mistake stays");
        stage.asAdministrator("pitr", moment, DATABASE, "--table", "order_lines");
        print(stage.value(
                DATABASE,
                "SELECT format('%s order lines are there again, and so is the product %s', count(*),"
                        + " (SELECT sku FROM products ORDER BY id DESC LIMIT 1)) FROM order_lines"));
    }

    private void restoreOver(DemoStage stage) throws Exception {
        say("Somebody forgets a WHERE");
        stage.sql(DATABASE, "UPDATE orders SET status = 'returned'");
        say("The whole database back as the full backup has it; what was there is kept until somebody drops it");
        stage.asAdministrator("restore", "latest", DATABASE, "--replace");
        compare(stage.dump(DATABASE), stage.dump(COPY));
    }

    private void recoverFromTheBucket(DemoStage stage) throws Exception {
        say("A copy elsewhere: a bucket on an S3 server, which from now on gets every backup by itself");
        stage.addBucket();
        stage.bactrian("replicate");
        say(
                "The folder with the backups is lost. How do things stand, on a machine that has the bucket and the passphrase?");
        stage.loseBackups();
        stage.bactrian("status");
        say("Restored from the bucket alone");
        stage.asAdministrator("restore", "latest", FROM_BUCKET);
        compare(stage.dump(FROM_BUCKET), stage.dump(COPY));
    }

    private void compare(String one, String other) {
        if (!one.equals(other)) {
            throw Failure.integrity(
                    "the dumps of the two databases differ", "Please report this: it should not happen.");
        }
        print("Yes: " + one.lines().count() + " lines, each the same.");
    }

    private void say(String text) {
        print("");
        print("=== " + text);
    }

    private void print(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
