# A tree goes through every point, noise and all; a shallow one is coarse; a forest of deep trees averages them.
load here.'/style.gp'
set multiplot layout 1,2 margins 0.06,0.98,0.12,0.9 spacing 0.07
set xlabel 'x'; set xrange [0:10]; set yrange [-1.4:4.2]
set title 'One tree'
plot 'wave.csv' skip 1 using 1:2 with points pt 7 ps 0.4 lc rgb grey title 'data', \
     'line.csv' skip 1 using 1:2 with lines lw 1.5 dt 2 lc rgb '#404040' title 'truth', \
     '< paste -d, line.csv wave-tree.csv' skip 1 using 1:4 with lines lw 1.2 lc rgb orange title 'grown to the end', \
     '< paste -d, line.csv wave-shallow.csv' skip 1 using 1:4 with lines lw 2 lc rgb blue title 'three levels'
set title 'Forest of 500 trees'
plot 'wave.csv' skip 1 using 1:2 with points pt 7 ps 0.4 lc rgb grey title 'data', \
     'line.csv' skip 1 using 1:2 with lines lw 1.5 dt 2 lc rgb '#404040' title 'truth', \
     '< paste -d, line.csv wave-forest.csv' skip 1 using 1:4 with lines lw 2 lc rgb green title 'their mean'
unset multiplot
