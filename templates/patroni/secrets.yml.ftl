postgresql:
  authentication:
    replication:
      password: ${replicator}
    rewind:
      password: ${rewind}
