#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A prediction as the tools of NetCDF see it: a file made by ncgen goes in, and ncdump shows what came out, compared as a
# whole.  A calendar without leap years, bounds, two-dimensional coordinates, a mapping, packed values and a mask.
set -euo pipefail
ansatz=$(realpath "${ANSATZ:?ANSATZ names the command}")
if ! command -v ncgen > /dev/null || ! command -v ncdump > /dev/null; then
    echo "ncgen and ncdump (netcdf-bin) are not there"
    exit 77
fi
"$ansatz" doctor --json | grep -q 'NetCDF' || { echo "this build is without NetCDF"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > in.cdl << 'END'
netcdf in {
dimensions:
	time = UNLIMITED ;
	y = 2 ;
	x = 3 ;
	bnds = 2 ;
	length = 4 ;
variables:
	double time(time) ;
		time:units = "days since 2000-01-01" ;
		time:calendar = "noleap" ;
		time:bounds = "time_bnds" ;
	double time_bnds(time, bnds) ;
	float lat(y, x) ;
		lat:units = "degrees_north" ;
	float lon(y, x) ;
		lon:units = "degrees_east" ;
	char zone(y, length) ;
	char crs ;
		crs:grid_mapping_name = "rotated_latitude_longitude" ;
	double height ;
		height:units = "m" ;
	short a(time, y, x) ;
		a:_FillValue = -99s ;
		a:scale_factor = 0.5 ;
		a:units = "m" ;
		a:coordinates = "lat lon height zone" ;
		a:grid_mapping = "crs" ;
	float t(time, y, x) ;
		t:units = "K" ;

// global attributes:
		:history = "made by hand" ;
data:
 time = 15, 45, 75 ;
 time_bnds = 0, 30, 30, 60, 60, 90 ;
 lat = 50, 51, 52, 53, 54, 55 ;
 lon = 5, 6, 7, 8, 9, 10 ;
 zone = "low", "high" ;
 height = 2 ;
 a = 2, 4, 6, 8, 10, 12,  12, 10, 8, 6, 4, 2,  2, 4, _, 8, 10, 26 ;
 t = 3, 5, 7, 9, 11, 13,  13, 11, 9, 7, 5, 3,  3, 5, 7, 9, 11, 13 ;
}
END
cat > expected << 'END'
netcdf out {
dimensions:
	time = 2 ;
	y = 2 ;
	x = 2 ;
	length = 4 ;
	bnds = 2 ;
variables:
	double time(time) ;
		time:units = "days since 2000-01-01" ;
		time:calendar = "noleap" ;
		time:bounds = "time_bnds" ;
	float lat(y, x) ;
		lat:units = "degrees_north" ;
	float lon(y, x) ;
		lon:units = "degrees_east" ;
	char zone(y, length) ;
	double height ;
		height:units = "m" ;
	double time_bnds(time, bnds) ;
	char crs ;
		crs:grid_mapping_name = "rotated_latitude_longitude" ;
	double prediction(time, y, x) ;
		prediction:_FillValue = 9.96920996838687e+36 ;
		prediction:long_name = "prediction of t" ;
		prediction:units = "K" ;
		prediction:coordinates = "lat lon zone height" ;
		prediction:grid_mapping = "crs" ;
	byte in_range(time, y, x) ;
		in_range:_FillValue = -1b ;
		in_range:long_name = "every input lies in the range of the training data" ;
		in_range:flag_values = 0b, 1b ;
		in_range:flag_meanings = "outside_of_the_training_range inside_the_training_range" ;
		in_range:coordinates = "lat lon zone height" ;
		in_range:grid_mapping = "crs" ;

// global attributes:
		:Conventions = "CF-1.8" ;
		:title = "predictions of t by dummy" ;
		:source = "Ansatz VERSION" ;
		:model_command = "ansatz fit dummy in.nc --target t --features a --select time=2000-01:2000-02" ;
		:history = "ansatz predict model.az in.nc --select time=2000-02:2000-12,x=1:2\n",
			"made by hand" ;
data:

 time = 45, 75 ;

 lat =
  51, 52,
  54, 55 ;

 lon =
  6, 7,
  9, 10 ;

 zone =
  "low",
  "high" ;

 height = 2 ;

 time_bnds =
  30, 60,
  60, 90 ;

 crs = "" ;

 prediction =
  8, 8,
  8, 8,
  8, _,
  8, 8 ;

 in_range =
  1, 1,
  1, 1,
  1, 0,
  1, 0 ;
}
END
ncgen -4 -o in.nc in.cdl
"$ansatz" fit dummy in.nc --target t --features a --select time=2000-01:2000-02 -o model.az > fit.log 2>&1
"$ansatz" predict model.az in.nc --select 'time=2000-02:2000-12,x=1:2' --guard -o out.nc 2> predict.log
grep -q '^1 point of the grid with a masked input' predict.log
ncdump out.nc | sed 's/"Ansatz [0-9.]*"/"Ansatz VERSION"/' > found
diff expected found

# The same call, the same bytes; and no file at all where there is no room for it.
cp out.nc first.nc
"$ansatz" predict model.az in.nc --select 'time=2000-02:2000-12,x=1:2' --guard -o out.nc 2> /dev/null
cmp out.nc first.nc
rm out.nc first.nc
status=0
(ulimit -f 1 && exec "$ansatz" predict model.az in.nc -o out.nc) 2> predict.log || status=$?
[ "$status" -eq 74 ] || { echo "status $status"; exit 1; }
tail -n 1 predict.log | grep -q 'out.nc: writing failed'
[ "$(echo .ansatz* out*)" = '.ansatz* out*' ] || { echo "something was left"; exit 1; }
