# What a forest of California's house prices goes by, measured in two ways.
load here.'/style.gp'
set multiplot layout 1,2 margins 0.19,0.97,0.14,0.88 spacing 0.2
unset key
set style fill solid 0.8 noborder
set yrange [9:-1] ; set xrange [0:*]
set xtics rotate by 0
set title 'Rows not seen: values exchanged'
set xlabel 'rise of the RMSE [1000 dollars]'
plot 'housing-importances.csv' using ($2 / 2000):0:($2 / 2000):(0.35):ytic(1) with boxxyerror lc rgb blue, \
     '' using ($2 / 1000):0:($3 / 1000) with xerrorbars pt 0 lc rgb '#404040'
set title 'In training: what splits gained'
set xlabel 'share [%]'
plot 'housing-importances.csv' using ($4 * 50):0:($4 * 50):(0.35):ytic(1) with boxxyerror lc rgb orange
unset multiplot
