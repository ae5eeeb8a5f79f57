"""片区 for staff: joining estates to a cluster, and ending one. What a cluster is stands in ``kernel.clusters``."""
