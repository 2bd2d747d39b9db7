package io.bactrian.repository;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Builds the chains that manifests tell of. */
final class ChainAssembly {
    private final List<String> faults = new ArrayList<>();

    private ChainAssembly() {}

    /** What a chain is found by: two clusters may begin one in the same millisecond. */
    private record Key(BackupId chain, String systemId) implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::chain).thenComparing(Key::systemId);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    static List<Chain> of(Collection<Manifest> manifests) {
        Map<Key, Map<BackupId, Manifest>> members = new TreeMap<>();
        manifests.forEach(manifest -> chain(manifest)
                .ifPresent(
                        id -> members.computeIfAbsent(new Key(id, manifest.systemIdentifier()), key -> new TreeMap<>())
                                .putIfAbsent(manifest.id(), manifest)));
        return members.entrySet().stream()
                .map(entry -> new ChainAssembly()
                        .chain(entry.getKey(), entry.getValue().values()))
                .toList();
    }

    private static Optional<BackupId> chain(Manifest manifest) {
        BackupId id = manifest.physical() != null
                ? manifest.physical().chain()
                : manifest.wal() != null ? manifest.wal().chain() : null;
        return Optional.ofNullable(id).filter(named -> manifest.systemIdentifier() != null);
    }

    private Chain chain(Key key, Collection<Manifest> members) {
        List<Manifest> sound = sameSize(members.stream().filter(this::isSound).toList());
        List<Manifest> bases = sound.stream().filter(m -> m.physical() != null).toList();
        ChainLinks links = new ChainLinks(incrementals(sound.stream()).toList());
        faults.addAll(links.faults());
        Chain chain = new Chain(key.systemId(), key.chain(), bases, links.stretches(), closed(members), faults);
        bases.stream().filter(base -> chain.stretch(base).isEmpty()).forEach(this::noteUncovered);
        chain.stretches().forEach(this::noteLostWay);
        return new Chain(key.systemId(), key.chain(), bases, links.stretches(), chain.closed(), faults);
    }

    private boolean isSound(Manifest manifest) {
        Optional<String> fault = ChainCheck.fault(manifest);
        fault.ifPresent(why -> faults.add("the manifest of " + manifest.id() + " " + why));
        return fault.isEmpty();
    }

    private List<Manifest> sameSize(List<Manifest> sound) {
        Map<Boolean, List<Manifest>> sizes =
                sound.stream().collect(Collectors.partitioningBy(m -> segmentBytes(m) == segmentBytes(sound.get(0))));
        sizes.get(false).forEach(m -> faults.add(m.id() + " has segments of another size than the chain before it"));
        return sizes.get(true);
    }

    private static int segmentBytes(Manifest member) {
        return member.physical() != null
                ? member.physical().segmentBytes()
                : member.wal().segmentBytes();
    }

    private static Stream<Manifest> incrementals(Stream<Manifest> members) {
        return members.filter(m -> m.wal() != null && m.physical() == null);
    }

    private static String closed(Collection<Manifest> members) {
        return incrementals(members.stream())
                .map(m -> m.wal().closed())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private void noteUncovered(Manifest base) {
        faults.add(base.id() + " cannot be recovered from: the log from "
                + base.physical().start() + " to " + base.physical().end()
                + " on its timeline is not in the repository");
    }

    private void noteLostWay(WalStretch stretch) {
        int begun = WalFiles.firstTimeline(stretch.first());
        Set<Integer> histories = stretch.histories();
        stretch.incrementals().stream()
                .filter(i -> i.wal().timeline() != begun)
                .filter(i -> !histories.contains(i.wal().timeline()))
                .findFirst()
                .ifPresent(i -> faults.add(i.id() + " goes over to timeline "
                        + Integer.toUnsignedString(i.wal().timeline())
                        + ", but the history of that timeline is missing: no older base leads there"));
    }
}
