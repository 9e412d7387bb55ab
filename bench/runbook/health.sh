#!/bin/bash
# Daily health check for IPFS Cluster ZFS Integration

echo "=== IPFS Cluster ZFS Health Check $(date) ==="

# Check cluster status
echo "1. Checking cluster status..."
if ipfs-cluster-ctl status > /dev/null 2>&1; then
    echo "✓ Cluster is responsive"
    ipfs-cluster-ctl status | grep -E "(PINNED|ERROR|UNPINNED)" | wc -l
else
    echo "✗ Cluster is not responsive"
    exit 1
fi

# Check ZFS pool health
echo "2. Checking ZFS pools..."
for pool in hot-tier warm-tier cold-tier; do
    if zpool list "$pool" > /dev/null 2>&1; then
        status=$(zpool list -H -o health "$pool")
        if [[ "$status" == "ONLINE" ]]; then
            echo "✓ Pool $pool: $status"
        else
            echo "✗ Pool $pool: $status"
        fi
    else
        echo "✗ Pool $pool: NOT FOUND"
    fi
done

# Check disk usage
echo "3. Checking disk usage..."
for pool in hot-tier warm-tier cold-tier; do
    if zpool list "$pool" > /dev/null 2>&1; then
        usage=$(zpool list -H -o capacity "$pool" | tr -d '%')
        if [[ $usage -lt 80 ]]; then
            echo "✓ Pool $pool usage: ${usage}%"
        elif [[ $usage -lt 90 ]]; then
            echo "⚠ Pool $pool usage: ${usage}% (WARNING)"
        else
            echo "✗ Pool $pool usage: ${usage}% (CRITICAL)"
        fi
    fi
done

# Check performance metrics
echo "4. Checking performance metrics..."
arc_hit_ratio=$(cat /proc/spl/kstat/zfs/arcstats | grep "hits" | head -1 | awk '{print $3}')
arc_miss=$(cat /proc/spl/kstat/zfs/arcstats | grep "misses" | head -1 | awk '{print $3}')
if [[ $arc_hit_ratio -gt 0 ]] && [[ $arc_miss -gt 0 ]]; then
    hit_ratio=$(echo "scale=2; $arc_hit_ratio / ($arc_hit_ratio + $arc_miss) * 100" | bc)
    if (( $(echo "$hit_ratio > 85" | bc -l) )); then
        echo "✓ ARC hit ratio: ${hit_ratio}%"
    else
        echo "⚠ ARC hit ratio: ${hit_ratio}% (LOW)"
    fi
fi

echo "=== Health Check Complete ==="
