#!/bin/sh
# Makes the forecast again: forecast.sh OUT.h5, in this folder. The table of the forecast is then
#     python3 table.py OUT.h5
set -e
entente forecast miami.yaml --events observed.csv --as-of 2026-07-02 --complete-until 2026-03-06 \
    --tie KAZ-USA --tie USA-UZB \
    --kind call --kind invitation --kind visit_invitation --kind leader_visit --kind minister_visit \
    --kind sideline_meeting --kind envoy_stop --kind memorandum --kind contract --kind council_founded \
    --kind fund_founded --kind strategic_dialogue --kind c5_summit --kind c5_ministers \
    -o "$1"
