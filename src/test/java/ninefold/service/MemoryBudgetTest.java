package ninefold.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalLong;
import ninefold.Descriptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryBudgetTest {
  @Test
  void budgetOf1GiB() {
    assertThat(budget("512MiB"))
        .isEqualTo(new MemoryBudget(512, 128, 384, 32, 1310, OptionalLong.empty()))
        .extracting(MemoryBudget::parameters)
        .isEqualTo(
            Map.of(
                "shared_buffers", "128MB",
                "effective_cache_size", "384MB",
                "maintenance_work_mem", "32MB",
                "work_mem", "1310kB",
                "wal_keep_size", "64MB",
                "min_wal_size", "80MB",
                "max_wal_size", "512MB"));
  }

  @Test
  void budgetOfMediumNode() {
    assertThat(budget("4GiB"))
        .isEqualTo(new MemoryBudget(4096, 1024, 3072, 256, 10485, OptionalLong.empty()));
  }

  @Test
  void budgetOfLargeNode() {
    assertThat(budget("64GiB"))
        .isEqualTo(new MemoryBudget(65536, 16384, 49152, 2048, 167772, OptionalLong.empty()));
  }

  @Test
  void moreConnections_reduceWorkMem() {
    var cluster = Descriptions.three("4GiB", "postgresql: {maxConnections: 1000}");

    assertThat(MemoryBudget.of(cluster).workMemKib()).isEqualTo(1048);
  }

  @Test
  void smallestDatabaseNodeDecides() {
    var cluster =
        Descriptions.cluster(
            """
            name: uneven
            network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.9}
            machines: {kind: given}
            nodes:
              - {name: a, address: 10.0.0.1, roles: [postgres, etcd, balancer], memory: 8GiB}
              - {name: b, address: 10.0.0.2, roles: [postgres, etcd], memory: 2GiB}
              - {name: c, address: 10.0.0.3, roles: [etcd, repository], memory: 512MiB}
            """);

    assertThat(MemoryBudget.of(cluster).memory()).isEqualTo(2048);
  }

  @ParameterizedTest
  @CsvSource({
    "128GiB, 20GiB, 2048MB, 512MB, 512MB, 4096MB, 5120MB",
    "128GiB, 2000GiB, 32768MB, 8192MB, 8192MB, 409600MB, 512000MB",
    "2GiB, 20GiB, 512MB, 128MB, 128MB, 4096MB, 5120MB",
    "2GiB, 5GiB, 512MB, 128MB, 128MB, 1024MB, 1280MB",
    "2GiB, 1GiB, 512MB, 80MB, 64MB, 512MB, 512MB",
  })
  void limitsFollowTheDisk(
      String memory,
      String disk,
      String most,
      String least,
      String kept,
      String slots,
      String temporary) {
    var machine = "roles: [%s], memory: " + memory + ", dataDisk: " + disk + "}\n";
    var cluster =
        Descriptions.cluster(
            """
            name: made
            network: {cidr: 10.0.0.0/24, virtualAddress: 10.0.0.9}
            machines:
              kind: libvirt
              hypervisors: [{name: h, uri: 'qemu:///system', pools: [{name: p, path: /srv/p}]}]
              image: {source: /srv/debian.qcow2}
            nodes:
            """
                + "  - {name: a, address: 10.0.0.1, "
                + machine.formatted("postgres, etcd, balancer")
                + "  - {name: b, address: 10.0.0.2, "
                + machine.formatted("postgres, etcd, balancer")
                + "  - {name: c, address: 10.0.0.3, "
                + machine.formatted("etcd, repository"));

    assertThat(PostgresqlParameters.of(cluster))
        .containsEntry("max_slot_wal_keep_size", slots)
        .containsEntry("max_wal_size", most)
        .containsEntry("min_wal_size", least)
        .containsEntry("wal_keep_size", kept)
        .containsEntry("temp_file_limit", temporary);
  }

  /** Only the step {@code patroni} can read the size of an existing host's disk. */
  @Test
  void unknownDisk_hasDefaultSlotLimit_andNoTemporaryFileLimit() {
    assertThat(PostgresqlParameters.of(Descriptions.three("4GiB", "")))
        .containsEntry("max_slot_wal_keep_size", "4GB")
        .doesNotContainKey("temp_file_limit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"512MiB", "1GiB", "4GiB", "64GiB", "1024GiB"})
  void allPartsFitIntoTheMemory(String memory) {
    var budget = budget(memory);

    var sorting = budget.workMemKib() * 100 / 1024;
    // Each of autovacuum's three workers may use maintenance_work_mem.
    assertThat(budget.sharedBuffers() + sorting + 3 * budget.maintenanceWorkMem())
        .isLessThanOrEqualTo(budget.memory());
  }

  private static MemoryBudget budget(String memory) {
    return MemoryBudget.of(Descriptions.three(memory, ""));
  }
}
