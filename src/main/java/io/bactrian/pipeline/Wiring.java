package io.bactrian.pipeline;

import io.bactrian.alert.Outbox;
import io.bactrian.config.AlertSettings;
import io.bactrian.config.Settings;
import io.bactrian.postgres.Guardian;
import io.bactrian.postgres.ToolVersions;
import io.bactrian.repository.History;
import io.bactrian.repository.Json;
import io.bactrian.repository.Lease;
import io.bactrian.repository.LocalStore;
import io.bactrian.s3.S3Store;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

/** The one list of the words that routes can use, and what stands behind each. */
final class Wiring {
    private Wiring() {}

    /** @param unattended null for a command */
    static Map<String, Object> beans(
            Settings settings,
            Keys keys,
            S3Store s3,
            Guardian guardian,
            Clock clock,
            boolean terminal,
            Unattended unattended) {
        LocalStore store = new LocalStore(settings.directory(), clock);
        History history = new History(settings.directory(), settings.name());
        StoreCache cache = new StoreCache(store);
        ToolVersions versions = new ToolVersions();
        AskSources sources = new AskSources();
        Outbox outbox = new Outbox(settings.directory(), clock, AlertSettings.reminder(settings));

        Map<String, Object> beans = new LinkedHashMap<>();
        // backup
        beans.put("begin", new BeginBackup(settings, store, keys));
        beans.put("snapshot", new TakeSnapshot(settings));
        beans.put("prove", new Prove(settings));
        beans.put("release", new ReleaseSnapshot());
        beans.put("artifact", new Packing(keys));
        beans.put("progress", new Progress(terminal, unattended));
        beans.put("compress", new Compress(settings));
        beans.put("encrypt", new Encrypt(keys));
        beans.put("digest", new Digest());
        beans.put("manifest", new MakeManifest(settings, versions, keys, clock));
        beans.put("sign", new Sign(keys));
        beans.put("link", new LegacyLink(store));
        // base
        beans.put("planBase", new PlanBase(settings));
        beans.put("dueBase", new DueBase(settings, store, keys, clock));
        beans.put("beginBase", new BeginBase(settings, store, keys));
        beans.put("spooledBase", new SpooledBase(store));
        beans.put("endCopy", new EndCopy());
        beans.put("endBase", new EndBase());
        beans.put("missingBase", new MissingBase());
        // incremental
        beans.put("beginIncremental", new BeginIncremental(settings, store, keys));
        beans.put("cut", new CutWal());
        beans.put("walSpool", new WalSpool(store));
        beans.put("checkArrival", new CheckArrival());
        beans.put("streamed", new Streamed(store));
        beans.put("advance", new AdvanceSlot(store));
        beans.put("chain", new CloseChain(settings, store, keys));
        beans.put("bound", new BoundSlot(settings, store));
        beans.put("detach", new Detach(settings, store, keys));
        // reading
        beans.put("find", new FindBackup(sources, cache));
        beans.put("latest", new LatestBackup(settings));
        beans.put("authenticate", new Authenticate(settings, keys));
        beans.put("choose", new ChooseArtifact());
        beans.put("sources", sources);
        beans.put("cache", cache);
        beans.put("survey", new TakeSurvey());
        beans.put("check", new CheckStored(settings));
        beans.put("decrypt", new Decrypt(keys));
        beans.put("decompress", new Decompress());
        beans.put("parse", new CountObjects());
        beans.put("parts", new ChooseParts(cache, settings, clock));
        beans.put("checkBase", new CheckBase());
        beans.put("checkWal", new CheckWal());
        beans.put("replicate", new Replicate(settings, store, cache, clock));
        beans.put("mend", new Mend(store, cache));
        beans.put("adopt", new Adopt(settings, store));
        // restore
        beans.put("original", new KeepOriginal());
        beans.put("target", new PrepareTarget(settings));
        beans.put("createGlobals", new ApplyGlobals(settings));
        beans.put("detect", new DetectFormat());
        beans.put("archive", new OpenArchive());
        beans.put("spool", new Spool());
        beans.put("select", new SelectTables(settings));
        beans.put("order", new OrderLoad());
        beans.put("rows", new LoadRows());
        beans.put("guard", new GuardScript());
        beans.put("compare", new CompareProof());
        beans.put("swap", new SwapIn());
        // point-in-time recovery
        beans.put("chains", new ReadChains(cache));
        beans.put("plan", new PlanRecovery(settings, clock));
        beans.put("room", new RequireRoom(settings, cache));
        beans.put("follow", new FollowPrimary(settings, store));
        beans.put("unpack", new Unpack(guardian));
        beans.put("recover", new Recover(guardian, clock, terminal));
        beans.put("recovered", new OpenRecovered(settings, clock));
        beans.put("recoveredTool", new PostgresTool(settings, versions, guardian, Recovery::of));
        beans.put("settleCluster", new SettleCluster(settings));
        // cleanup
        beans.put("cleanup", new Cleanup(settings, store, history, clock));
        beans.put("lease", new HoldLease(clock, Lease.RENEWAL));
        beans.put("judge", new JudgeManifest(new Authenticate(settings, keys), store));
        // schedules
        if (unattended != null) {
            beans.put("turn", new TakeTurn(settings, store, unattended, clock));
            beans.put("late", new FindLate(settings, unattended, clock));
            beans.put("streaming", new StreamWal(settings, store, keys, outbox, unattended, clock));
        }
        // alerts
        beans.put("alerts", new Alerts(settings, outbox, unattended));
        beans.put("summaryOfWeek", new Summary(history, clock));
        beans.put("checkAlerts", new CheckAlerts(settings));
        beans.putAll(Channels.components(settings));
        // common
        beans.put("localStore", store);
        beans.put("s3", s3);
        beans.put("postgresTool", new PostgresTool(settings, versions, guardian, ToolTarget::of));
        beans.put("end", new AwaitEnd());
        beans.put("status", new MakeStatus(settings, cache, history, clock));
        beans.put("checks", new Checks(settings, store, keys));
        beans.put("checkPitr", new CheckPitr(settings, store));
        beans.put("run", new RecordRun(history, store, clock));
        beans.put("discard", new Discard(store));
        beans.put("json", Json.mapper());
        return beans;
    }
}
