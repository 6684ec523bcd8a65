"""What it takes to build the cluster, to change it, and to get over a fault."""
