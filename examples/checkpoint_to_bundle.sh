#!/bin/sh
# From a published checkpoint to a bundle that knows your site.
#
#     sh checkpoint_to_bundle.sh tinyusfm.pth ACCEPTED_PICTURES OUT
#
# ACCEPTED_PICTURES holds a folder for each organ with pictures that your readers accept: ACCEPTED/liver/*.png.
set -eu
checkpoint=$1 accepted=$2 out=$3

scanmon build "$checkpoint" --out "$out/published"                        # proved to agree with PyTorch
scanmon fit "$accepted" --bundle "$out/published" --out "$out/organs"     # organ models of your pictures
scanmon calibrate "$accepted" --bundle "$out/organs" --out "$out/site"    # what a score means at your site
scanmon check "$out/site"                                                 # whole, and runs here
scanmon score "$accepted" --bundle "$out/site" --out "$out/scores.csv"
