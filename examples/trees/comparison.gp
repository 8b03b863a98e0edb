# Four models of one curve; the number is the root mean square of what they miss of the truth.
load here.'/style.gp'
mean = "'NR > 1 { s += ($4 - $2)^2; n++ } END { printf \"%.3f\", sqrt(s / n) }'"
miss(name) = system('paste -d, line.csv wave-'.name.'.csv | awk -F, '.mean)
set multiplot layout 2,2 margins 0.06,0.98,0.08,0.94 spacing 0.07,0.12
set xrange [0:10]; set yrange [-1.4:4.2]
array model[4] = ['linear', 'tree', 'forest', 'boosting']
array name[4] = ['Linear', 'Tree', 'Forest', 'Boosted trees']
do for [i = 1:4] {
    set title name[i].': misses the truth by '.miss(model[i])
    if (i > 1) { unset key }
    plot 'wave.csv' skip 1 using 1:2 with points pt 7 ps 0.4 lc rgb grey title 'data', \
         'line.csv' skip 1 using 1:2 with lines lw 1.5 dt 2 lc rgb '#404040' title 'truth', \
         '< paste -d, line.csv wave-'.model[i].'.csv' skip 1 using 1:4 with lines lw 2 lc rgb blue title 'model'
}
unset multiplot
